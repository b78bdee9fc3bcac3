using RawEcho.Client.Results;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.Client.Report;

/// <summary>Writes what a run came to wherever it was asked for. A place that takes nothing keeps it from no other.</summary>
internal static class ResultOutput
{
    /// <summary>Writes the report, the results, and what went wrong.</summary>
    /// <param name="result">What the run came to.</param>
    /// <param name="json">True for JSON on standard output.</param>
    /// <param name="report">The file of --report; null without.</param>
    /// <returns>The exit code: the result's own, unless that is success and the report cannot be written.</returns>
    public static int Write(RunResult result, bool json, string? report)
    {
        CommandException? unwritten = null;
        try
        {
            // Before standard output, whose reader can keep it waiting.
            if (report is not null) ReportFile.Write(report, result);
        }
        catch (CommandException e)
        {
            unwritten = e;
        }
        finally
        {
            StandardStreams.WriteResult(json ? ResultJson.Write(result) + Environment.NewLine : RunText.Of(result));
            Verdict.Write(result.Errors, result.Conditions);
        }

        if (unwritten is null) return result.ExitCode;
        StandardStreams.WriteErrorLine($"rawecho-client: {PeerText.Clean(unwritten.Message)}");
        return result.ExitCode == ExitCode.Success ? unwritten.ExitCode : result.ExitCode;
    }
}
