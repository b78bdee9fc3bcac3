using System.Globalization;

namespace RawEcho.Soak;

/// <summary>
/// A control group for one program, which the kernel kills when it needs more memory than the limit (cgroups(7), versions 1 and 2).
/// </summary>
internal sealed class MemoryLimit : IDisposable
{
    private const string Version1 = "/sys/fs/cgroup/memory";
    private const string Version2 = "/sys/fs/cgroup";

    private readonly string _folder;
    private readonly string _peak;

    private MemoryLimit(string parent, string limit, string peak, long bytes)
    {
        _folder = Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"rawecho-soak-{Environment.ProcessId}"));
        _peak = Path.Combine(_folder, peak);
        Directory.CreateDirectory(_folder);
        try
        {
            File.WriteAllText(Path.Combine(_folder, limit), bytes.ToString(CultureInfo.InvariantCulture));
        }
        catch
        {
            Directory.Delete(_folder);
            throw;
        }
    }

    /// <summary>Makes one.</summary>
    /// <returns>Null where this user may not, with the reason.</returns>
    public static (MemoryLimit? Limit, string Reason) TryCreate(long bytes)
    {
        try
        {
            return Directory.Exists(Version1)
                ? (new MemoryLimit(Version1, "memory.limit_in_bytes", "memory.max_usage_in_bytes", bytes), "")
                : (new MemoryLimit(Version2, "memory.max", "memory.peak", bytes), "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, e.Message);
        }
    }

    /// <summary>The most that it has used so far, page cache included, bytes; null where the kernel does not tell.</summary>
    public long? Peak => File.Exists(_peak) ? long.Parse(File.ReadAllText(_peak), CultureInfo.InvariantCulture) : null;

    /// <summary>A command that goes into the group and becomes the program.</summary>
    public IEnumerable<string> Wrap(string file, IEnumerable<string> arguments) =>
        ["-c", "echo $$ > \"$0\" && exec \"$@\"", Path.Combine(_folder, "cgroup.procs"), file, .. arguments];

    /// <summary>Takes it away; the program has ended.</summary>
    public void Dispose() => Directory.Delete(_folder);
}
