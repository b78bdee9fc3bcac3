using System.Collections.Concurrent;
using System.CommandLine;
using System.Text;
using RawEcho.Client.Output;
using RawEcho.Client.Results;
using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Client.Report;

/// <summary>
/// A run as lines of JSON while it goes on (--json-lines): its settings, a line for each step, and the result as the last one. They are
/// written by a thread of their own, so that a reader or a disk that is slow holds up no run.
/// </summary>
internal sealed class RunLinesWriter : IResultWriter<RunResult>, IResultWriter<RepeatResult>, IDisposable
{
    private const string StandardOutput = "-";

    private readonly OutputFile? _file;
    private readonly BlockingCollection<string> _lines = [];
    private Task? _writing;

    private RunLinesWriter(string name) => _file = name == StandardOutput ? null : new OutputFile(name, "The file of --json-lines");

    /// <summary>True where the lines go to standard output, so that nothing else does.</summary>
    public bool IsOutput => _file is null;

    public static Option<string?> CreateOption() => Parsers.FileName(
        "--json-lines",
        "Write the run as lines of JSON (docs/result.schema.json) while it goes on: its settings, one for each second (or --interval), "
        + "and the result; - is standard output");

    /// <param name="name">The file, or -; null for none.</param>
    public static RunLinesWriter? To(string? name) => name is null ? null : new RunLinesWriter(name);

    /// <inheritdoc cref="OutputFile.Check"/>
    public void Check() => _file?.Check();

    public void Add(SettingsLine settings) => Add(ResultJson.Write(settings));

    public void Add(IntervalLine interval) => Add(ResultJson.Write(interval));

    public void Write(RunResult result) => Finish(ResultLine.Of(result));

    public void Write(RepeatResult result) => Finish(ResultLine.Of(result));

    public void Dispose() => _lines.Dispose();

    private void Add(string line)
    {
        _writing ??= Task.Factory.StartNew(
            WriteAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _lines.Add(line);
    }

    // The writing ends with an exception where the file takes no more.
    private void Finish(string result)
    {
        if (_file is not null) Add(result);
        _lines.CompleteAdding();
        _writing?.GetAwaiter().GetResult();
        if (_file is null) StandardStreams.WriteResult(result + Environment.NewLine);
    }

    private void WriteAll()
    {
        if (_file is not null)
        {
            _file.Write(WriteTo);
            return;
        }

        foreach (string line in _lines.GetConsumingEnumerable()) StandardStreams.Output.TryWriteLine(line);
    }

    private void WriteTo(string name)
    {
        using var writer = new StreamWriter(name, append: false, new UTF8Encoding(false)) { AutoFlush = true };
        foreach (string line in _lines.GetConsumingEnumerable()) writer.WriteLine(line);
    }
}
