using System.CommandLine;
using RawEcho.Client.Results;
using RawEcho.CommandLine;
using RawEcho.Terminal;

namespace RawEcho.Client.Report;

/// <summary>The file of --report.</summary>
internal static class ReportFile
{
    public static Option<string?> CreateOption() =>
        Parsers.FileName("--report", "Write the results as one HTML page with charts, too; it opens from disk and needs no network");

    /// <summary>Finds out before a long run whether its report can be written, and leaves everything as it was.</summary>
    /// <exception cref="CommandException">It cannot.</exception>
    public static void Check(string file)
    {
        try
        {
            EnsureOpen(file);
            bool wasThere = File.Exists(file);
            File.Open(file, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
            if (!wasThere) File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refuse(e);
        }
    }

    /// <summary>Writes the report of a result, over what is there.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public static void Write(string file, RunResult result)
    {
        try
        {
            EnsureOpen(file);
            RunReportPage.Of(result, DateTimeOffset.Now).Save(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // The last one is what .NET makes of a file that may not grow any more (EFBIG: ulimit -f).
            throw Refuse(e);
        }
    }

    private static void EnsureOpen(string file)
    {
        if (StandardStreams.IsClosed(file)) throw new IOException($"{file} is closed");
    }

    private static CommandException Refuse(Exception e) => new(ExitCode.Report, $"The report cannot be written: {e.Message.TrimEnd('.')}.");
}
