using RawEcho.Client.Results;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.Client.Output;

/// <summary>
/// Where a command's result goes, and where what is said besides. A place that takes nothing keeps the result from no other.
/// </summary>
internal sealed class ResultOutput<TResult>
    where TResult : IClientResult
{
    private readonly IResultWriter<TResult> _standardOutput;
    private readonly IReadOnlyList<IResultWriter<TResult>> _files;

    private ResultOutput(IResultWriter<TResult> standardOutput, IReadOnlyList<IResultWriter<TResult>> files) =>
        (_standardOutput, _files) = (standardOutput, files);

    /// <summary>True where standard output is for a program that reads JSON.</summary>
    public required bool IsData { get; init; }

    /// <summary>For sentences beside the result; with --quiet it takes none.</summary>
    public required TextWriter Talk { get; init; }

    /// <summary>For what the user has to answer, --quiet or not.</summary>
    public required TextWriter Prompt { get; init; }

    /// <summary>Chooses the form on standard output, once; from here on nothing else goes there if it is JSON.</summary>
    /// <param name="json">JSON and not text.</param>
    /// <param name="quiet">Nothing but the result is wanted.</param>
    /// <param name="toText">The result in words.</param>
    /// <param name="files">The files that were asked for, and null for those that were not.</param>
    public static ResultOutput<TResult> Open(
        bool json, bool quiet, Func<TResult, string> toText, params IReadOnlyList<IResultWriter<TResult>?> files)
    {
        if (json) return OpenData(new JsonResultWriter<TResult>(ResultJson.TypeOf<TResult>()), quiet, files);
        return Open(new TextResultWriter<TResult>(toText), isData: false, quiet, files);
    }

    /// <summary>Standard output is for another program.</summary>
    /// <param name="form">How the result goes there.</param>
    /// <param name="quiet">Nothing but the result is wanted.</param>
    /// <param name="files">The files that were asked for, and null for those that were not.</param>
    public static ResultOutput<TResult> OpenData(
        IResultWriter<TResult> form, bool quiet, params IReadOnlyList<IResultWriter<TResult>?> files) =>
        Open(form, isData: true, quiet, files);

    private static ResultOutput<TResult> Open(
        IResultWriter<TResult> form, bool isData, bool quiet, IReadOnlyList<IResultWriter<TResult>?> files)
    {
        StandardStreams.OutputIsData = isData;
        TextWriter people = isData ? Console.Error : Console.Out;
        return new(form, [.. files.OfType<IResultWriter<TResult>>()])
        {
            IsData = isData,
            Talk = quiet ? TextWriter.Null : people,
            Prompt = people,
        };
    }

    /// <summary>Writes the files, the result, and what went wrong.</summary>
    /// <returns>The exit code: the result's own, unless that is success and a file cannot be written.</returns>
    public int Write(TResult result)
    {
        var unwritten = new List<CommandException>();
        try
        {
            // Before standard output, whose reader can keep them waiting.
            foreach (IResultWriter<TResult> file in _files) WriteFile(file, result, unwritten);
        }
        finally
        {
            _standardOutput.Write(result);
            Verdict.Write(result);
        }

        foreach (CommandException failure in unwritten)
            StandardStreams.WriteErrorLine($"rawecho-client: {PeerText.Clean(failure.Message)}");
        return result.ExitCode == ExitCode.Success && unwritten is [{ ExitCode: var code }, ..] ? code : result.ExitCode;
    }

    private static void WriteFile(IResultWriter<TResult> file, TResult result, List<CommandException> unwritten)
    {
        try
        {
            file.Write(result);
        }
        catch (CommandException e)
        {
            unwritten.Add(e);
        }
    }
}
