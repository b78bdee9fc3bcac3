using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Client.Report;

/// <summary>A file that a result is written to beside standard output.</summary>
/// <param name="name">Its name.</param>
/// <param name="content">What it is, as a sentence about it begins: The report.</param>
internal sealed class OutputFile(string name, string content)
{
    /// <summary>Finds out before a long run whether the file can be written, and leaves everything as it was.</summary>
    /// <exception cref="CommandException">It cannot.</exception>
    public void Check() => Guard(() =>
    {
        bool wasThere = File.Exists(name);
        File.Open(name, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
        if (!wasThere) File.Delete(name);
    });

    /// <summary>Writes the file, over what is there.</summary>
    /// <param name="save">Writes to a file of that name.</param>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public void Write(Action<string> save) => Guard(() => save(name));

    private void Guard(Action work)
    {
        try
        {
            if (StandardStreams.IsClosed(name)) throw new IOException($"{name} is closed");
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // The last one is what .NET makes of a file that may not grow any more (EFBIG: ulimit -f).
            throw new CommandException(ExitCode.Report, $"{content} cannot be written: {e.Message.TrimEnd('.')}.");
        }
    }
}
