using System.Globalization;

namespace RawEcho.Client.Targets;

/// <summary>The ports that this machine takes by itself for connections: as many for each pair of a local address and a server.</summary>
internal static class LocalPorts
{
    /// <summary>How many a local address has; null where the system does not say (there is no /proc).</summary>
    public static int? Count()
    {
        const string file = "/proc/sys/net/ipv4/ip_local_port_range";
        if (!File.Exists(file)) return null;
        string[] ends = File.ReadAllText(file).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return ends.Length == 2 && TryPort(ends[0], out int first) && TryPort(ends[1], out int last) && last >= first
            ? last - first + 1
            : null;
    }

    /// <summary>Why there is none left, to be read after a colon.</summary>
    public static string WhyNone()
    {
        string all = Count() is { } count
            ? string.Create(CultureInfo.InvariantCulture, $"all {count:N0} of a local address (net.ipv4.ip_local_port_range)")
            : "all of the local address";
        return $"{all} are taken by connections to that server, or rest for a minute after one (TIME_WAIT)";
    }

    private static bool TryPort(string word, out int port) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out port);
}
