using System.Diagnostics;
using System.Globalization;
using RawEcho.Diagnostics.Proc;
using RawEcho.Diagnostics.Rows;
using static RawEcho.Diagnostics.Proc.TcpTable;

namespace RawEcho.Diagnostics.Sampling.Sources;

/// <summary>
/// Open descriptors, and TCP connections by state: the links in /proc/PID/fd joined with the TCP tables by inode. The kernel walks a large
/// hash table for that, on a core that the watched process may need. So the tables are read when the number of descriptors has changed, and
/// otherwise as often as <see cref="Share"/> of a core allows, every five seconds at least: a state that changes alone is seen that late.
/// With thousands of descriptors their list takes as long as the tables, and is not read in between.
/// </summary>
internal sealed class SocketSource(int pid) : ISampleSource
{
    private const double Share = 0.002;
    private const int Many = 2000;
    private const string SocketLink = "socket:[";
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly Dictionary<Metric, double> _last = [];
    private TimeSpan _pause;
    private long _at;

    public void Collect(SampleValues values)
    {
        int before = (int)_last.GetValueOrDefault(MetricCatalog.Descriptors);
        bool isDue = Stopwatch.GetElapsedTime(_at) >= _pause;
        if (isDue || before <= Many)
        {
            long start = Stopwatch.GetTimestamp();
            string[] descriptors = ProcFile.List(pid, "fd");
            if (isDue || descriptors.Length != before) Look(descriptors, start);
        }

        foreach ((Metric metric, double value) in _last) values.Set(metric, value);
    }

    private void Look(string[] descriptors, long start)
    {
        Count(descriptors);
        _at = Stopwatch.GetTimestamp();
        TimeSpan pause = Stopwatch.GetElapsedTime(start, _at) / Share;
        _pause = pause < Longest ? pause : Longest;
    }

    private void Count(string[] descriptors)
    {
        _last.Clear();
        // A process always has one; none to be seen means that it may not be looked at.
        if (descriptors.Length == 0) return;
        _last[MetricCatalog.Descriptors] = descriptors.Length;
        if (Read(pid) is not { } sockets) return;
        int[] counts = new int[Enum.GetValues<State>().Length + 1];
        foreach (string descriptor in descriptors)
        {
            if (InodeOf(descriptor) is { } inode && sockets.TryGetValue(inode, out State state)) counts[(int)state]++;
        }

        _last[MetricCatalog.TcpEstablished] = counts[(int)State.Established];
        _last[MetricCatalog.TcpListening] = counts[(int)State.Listening];
        _last[MetricCatalog.TcpOpening] = counts[(int)State.SynSent] + counts[(int)State.SynReceived];
        _last[MetricCatalog.TcpCloseWait] = counts[(int)State.CloseWait];
        State[] closing = [State.FinWait1, State.FinWait2, State.LastAck, State.Closing];
        _last[MetricCatalog.TcpClosing] = closing.Sum(s => counts[(int)s]);
    }

    private static long? InodeOf(string descriptor)
    {
        if (ProcFile.Link(descriptor) is not { } target) return null;
        int start = target.IndexOf(SocketLink, StringComparison.Ordinal);
        if (start < 0) return null;
        ReadOnlySpan<char> number = target.AsSpan(start + SocketLink.Length).TrimEnd(']');
        return long.TryParse(number, CultureInfo.InvariantCulture, out long inode) ? inode : null;
    }
}
