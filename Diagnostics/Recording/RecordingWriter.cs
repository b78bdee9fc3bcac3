namespace RawEcho.Diagnostics.Recording;

/// <summary>Writes a recording as it comes: every line is in the file when the call returns, so that nothing is lost to a crash.</summary>
internal abstract class RecordingWriter : IDisposable
{
    protected RecordingWriter(TextWriter output) => Output = output;

    protected TextWriter Output { get; }

    /// <summary>Endings of file names that <see cref="Create"/> knows, in words.</summary>
    public static string Endings => ".csv, .jsonl or .json";

    /// <summary>Whether a recording can be written to a file of this name.</summary>
    public static bool Knows(string file) => IsCsv(file) || IsJsonLines(file);

    /// <summary>A writer for a file, by the ending of its name.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static RecordingWriter Create(string file)
    {
        var output = new StreamWriter(file, append: false) { AutoFlush = true, NewLine = "\n" };
        return IsCsv(file) ? new CsvWriter(output) : new JsonLinesWriter(output);
    }

    /// <summary>Once, before anything else.</summary>
    public abstract void Write(RecordingHeader header);

    /// <summary>Before the first sample of the process.</summary>
    public abstract void Write(ProcessDescription process);

    public abstract void Write(Sample sample);

    public abstract void Write(RecordingEvent happened);

    public void Dispose() => Output.Dispose();

    internal static bool IsCsv(string file) => HasEnding(file, ".csv");

    private static bool IsJsonLines(string file) => HasEnding(file, ".jsonl") || HasEnding(file, ".json") || HasEnding(file, ".ndjson");

    private static bool HasEnding(string file, string ending) => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
}
