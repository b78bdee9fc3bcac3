using System.Globalization;

namespace RawEcho.Diagnostics.Proc;

/// <summary>The TCP sockets of a network namespace: /proc/PID/net/tcp and tcp6; see proc_pid_net(5).</summary>
internal static class TcpTable
{
    private const int StateField = 3;
    private const int InodeField = 9;

    /// <summary>States as the kernel numbers them (include/net/tcp_states.h).</summary>
    public enum State
    {
        Established = 1,
        SynSent,
        SynReceived,
        FinWait1,
        FinWait2,
        TimeWait,
        Closed,
        CloseWait,
        LastAck,
        Listening,
        Closing,
    }

    /// <summary>
    /// State by inode; null when the tables cannot be read. Sockets that no process holds any more have no inode, and are left
    /// out.
    /// </summary>
    public static Dictionary<long, State>? Read(int pid)
    {
        string? four = ProcFile.Read(pid, "net/tcp");
        string? six = ProcFile.Read(pid, "net/tcp6");
        if (four is null && six is null) return null;
        Dictionary<long, State> sockets = [];
        Add(sockets, four);
        Add(sockets, six);
        return sockets;
    }

    private static void Add(Dictionary<long, State> sockets, string? table)
    {
        foreach (ReadOnlySpan<char> line in (table ?? string.Empty).AsSpan().EnumerateLines())
        {
            int field = 0;
            State state = default;
            foreach (Range range in line.SplitAny(' '))
            {
                ReadOnlySpan<char> word = line[range];
                if (word.IsEmpty) continue;
                if (field == StateField && byte.TryParse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out byte number))
                    state = (State)number;
                if (field == InodeField && long.TryParse(word, CultureInfo.InvariantCulture, out long inode) && inode != 0)
                    sockets[inode] = state;
                if (field++ == InodeField) break;
            }
        }
    }
}
