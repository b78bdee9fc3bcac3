using System.Globalization;

namespace RawEcho.Diagnostics.Proc;

/// <summary>The TCP ports that a process listens on: its descriptors, joined with the tables of its network namespace.</summary>
internal static class ListeningPorts
{
    private const int AddressField = 1;
    private const int StateField = 3;
    private const int InodeField = 9;
    private const string Listening = "0A";
    private const string SocketLink = "socket:[";
    private static readonly string[] Tables = ["net/tcp", "net/tcp6"];

    /// <summary>Port numbers in ascending order; null when the process may not be looked at, or the system has no /proc.</summary>
    public static IReadOnlyList<int>? Of(int pid)
    {
        if (!OperatingSystem.IsLinux()) return null;
        string[] descriptors = ProcFile.List(pid, "fd");
        if (descriptors.Length == 0) return null;
        HashSet<string> inodes =
        [
            .. descriptors
                .Select(ProcFile.Link)
                .OfType<string>()
                .Where(t => t.Contains(SocketLink, StringComparison.Ordinal))
                .Select(t => t[(t.IndexOf(SocketLink, StringComparison.Ordinal) + SocketLink.Length)..].TrimEnd(']')),
        ];
        if (inodes.Count == 0) return [];
        IEnumerable<string> lines = Tables
            .Select(table => ProcFile.Read(pid, table))
            .OfType<string>()
            .SelectMany(table => table.Split('\n'));
        return [.. lines.Select(l => Port(l, inodes)).OfType<int>().Distinct().Order()];
    }

    private static int? Port(string line, HashSet<string> inodes)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= InodeField || fields[StateField] != Listening || !inodes.Contains(fields[InodeField])) return null;
        string port = fields[AddressField].Split(':')[^1];
        return int.TryParse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int number) ? number : null;
    }
}
