using System.Globalization;

namespace RawEcho.Diagnostics.Proc;

/// <summary>The lines of /proc/PID/status or /proc/PID/task/TID/status; see proc_pid_status(5).</summary>
internal sealed class ProcStatus
{
    private const double Kilobyte = 1024;

    private readonly Dictionary<string, string> _lines = [];

    private ProcStatus(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0) _lines[line[..colon]] = line[(colon + 1)..].Trim();
        }
    }

    /// <summary>Null when the process is gone.</summary>
    public static ProcStatus? Parse(string? text) => string.IsNullOrEmpty(text) ? null : new ProcStatus(text);

    public static ProcStatus? Of(int pid) => Parse(ProcFile.Read(pid, "status"));

    /// <summary>A line's words; empty when there is no such line.</summary>
    public string[] Words(string name) =>
        _lines.TryGetValue(name, out string? line) ? line.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries) : [];

    /// <summary>A line's number; null when there is no such line.</summary>
    public long? Number(string name) =>
        Words(name) is [var first, ..] && long.TryParse(first, CultureInfo.InvariantCulture, out long value) ? value : null;

    /// <summary>A line given in kB, in bytes.</summary>
    public double? Bytes(string name) => Number(name) * Kilobyte;
}
