using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Rendering;
using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Commands;

/// <summary>One recording, from its start to its exit code.</summary>
/// <param name="file">The name of its file.</param>
/// <param name="recording">Writes the file.</param>
/// <param name="isQuiet">True for no table and no count at the end.</param>
internal sealed class RecordingRun(string file, RecordingRenderer recording, bool isQuiet)
{
    /// <summary>Says which processes are recorded when none is named.</summary>
    public void SayWhat(bool all)
    {
        if (isQuiet) return;
        Console.Error.WriteLine(all
            ? "Recording every RawEcho process, those that are there and those to come. Ctrl-C to stop."
            : "Recording one RawEcho server and one client, those that are there or the first to come. Ctrl-C to stop.");
    }

    /// <summary>Records until the user, the duration or the end of the processes stops it.</summary>
    /// <param name="loop">Samples.</param>
    /// <param name="processes">The processes to attach to at the start.</param>
    /// <param name="child">The program that was started to be recorded; null for none.</param>
    /// <param name="summary">Writes the table of the whole time; null for none.</param>
    /// <param name="stop">The user asks for the end.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(
        WatchLoop loop, IReadOnlyList<DotNetProcess> processes, ChildProgram? child, SummaryRenderer? summary, StopSignal stop)
    {
        // A program of ours is recorded to its end, so it is the one to be stopped, and not the recording.
        using (stop.Token.Register(() => child?.Stop(stop.Signal)))
            await loop.RunAsync(processes, child is null ? stop.Token : CancellationToken.None);
        if (child is { Ended.IsCompleted: false }) child.Stop(null);
        long unwritten = recording.End();
        if (summary is not null) await summary.DisposeAsync();
        if (unwritten > 0)
        {
            StandardStreams.WriteErrorLine(
                FormattableString.Invariant($"{DiagnosticsCommand.Name}: {file} lacks {unwritten} lines: it could not be written."));
        }
        else if (!isQuiet)
        {
            await Console.Error.WriteLineAsync(FormattableString.Invariant($"{recording.Samples} samples in {file}."));
        }

        int code = child is not null ? await child.EndAsync()
            : loop.IsCutShort ? await SharedOptions.SayInterruptedAsync()
            : CommonExitCode.Success;
        return code == CommonExitCode.Success && unwritten > 0 ? DiagnosticsExitCode.File : code;
    }
}
