namespace RawEcho.Diagnostics.Recording;

/// <summary>
/// Writes a recording as it comes: every line is in the file when the call returns, if there is room, so that nothing is lost to a crash.
/// </summary>
internal abstract class RecordingWriter : IDisposable
{
    protected RecordingWriter(RecordingFile output) => Output = output;

    protected RecordingFile Output { get; }

    /// <summary>Endings of file names that <see cref="Create"/> knows, in words.</summary>
    public static string Endings => ".csv, .jsonl or .json";

    /// <summary>Whether a recording can be written to a file of this name.</summary>
    public static bool Knows(string file) => IsCsv(file) || IsJsonLines(file);

    /// <summary>A writer for a file, by the ending of its name.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="warn">Takes the sentence that says that the file takes no more for now.</param>
    /// <param name="force">True to replace a file that is there; a pipe or a device is written to in any case.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static RecordingWriter Create(string file, Action<string>? warn = null, bool force = false)
    {
        FileStream stream = Open(file, force ? FileMode.Create : FileMode.CreateNew);
        var output = new RecordingFile(stream, warn ?? (_ => { }));
        return IsCsv(file) ? new CsvWriter(output) : new JsonLinesWriter(output);
    }

    /// <summary>Once, before anything else.</summary>
    public abstract void Write(RecordingHeader header);

    /// <summary>Before the first sample of the process.</summary>
    public abstract void Write(ProcessDescription process);

    public abstract void Write(Sample sample);

    public abstract void Write(RecordingEvent happened);

    /// <summary>Tries for the last time to write what could not be written before.</summary>
    /// <returns>Lines that are not in the file, count.</returns>
    public long End()
    {
        Output.WriteKept();
        return Output.Unwritten;
    }

    /// <summary>Closes the file and deletes it: there is nothing in it to keep.</summary>
    public void Discard() => Output.Discard();

    public void Dispose() => Output.Dispose();

    internal static bool IsCsv(string file) => HasEnding(file, ".csv");

    private static FileStream Open(string file, FileMode mode)
    {
        try
        {
            return new FileStream(file, mode, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (IOException) when (mode == FileMode.CreateNew && File.Exists(file))
        {
            // Nothing is lost by writing to a pipe or a device.
            var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0);
            if (!stream.CanSeek || Path.GetFullPath(file).StartsWith("/dev/", StringComparison.Ordinal)) return stream;
            stream.Dispose();
            throw;
        }
    }

    private static bool IsJsonLines(string file) => HasEnding(file, ".jsonl") || HasEnding(file, ".json") || HasEnding(file, ".ndjson");

    private static bool HasEnding(string file, string ending) => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
}
