using System.Globalization;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// How many connections the file descriptors of this process leave room for. A process that runs out of them cannot even load
/// code any more, so a host stays well below the limit instead of finding out by EMFILE.
/// </summary>
internal static class DescriptorLimit
{
    // For files, timers, libraries that are loaded late, and the connections that are accepted only to be refused.
    private const int Headroom = 64;

    /// <summary>Room for connections, count; int.MaxValue where the system does not say (there is no /proc).</summary>
    public static int RoomForConnections()
    {
        const string limits = "/proc/self/limits";
        if (!File.Exists(limits)) return int.MaxValue;
        // "Max open files            1024                 4096                 files": name, soft limit, hard limit, unit.
        const string name = "Max open files";
        string? line = File.ReadLines(limits).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        string? soft = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        if (!int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out int limit)) return int.MaxValue;
        int used = Directory.GetFiles("/proc/self/fd").Length;
        return Math.Max(1, limit - used - Headroom);
    }
}
