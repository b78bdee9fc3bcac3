using System.Diagnostics;
using RawEcho.Client.Results;
using RawEcho.Engine;

namespace RawEcho.Client.Bottlenecks;

/// <summary>Looks at what this process, this machine and the network do, at the begin and at the end of a measurement.</summary>
internal sealed class ResourceWatch
{
    // The kernel is asked for each of them.
    private const int MostConnections = 64;

    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly TimeSpan _processor = Environment.CpuUsage.TotalTime;
    private readonly TimeSpan _pauses = GC.GetTotalPauseDuration();
    private readonly ThreadUse? _threads = ThreadUse.Now();
    private readonly MachineUse? _machine = MachineUse.Now();
    private TcpStatistics[] _tcp = [];
    private bool? _isHere;

    /// <summary>Asks the kernel about connections. Once they are closed it knows nothing more, and what was seen before stands.</summary>
    public void Look(IEnumerable<Connection?> connections)
    {
        Connection[] some = [.. connections.OfType<Connection>().Take(MostConnections)];
        TcpStatistics[] tcp = [.. some.Select(c => c.Tcp).OfType<TcpStatistics>()];
        if (tcp.Length >= _tcp.Length) _tcp = tcp;
        _isHere ??= some.Length == 0 ? null : Array.TrueForAll(some, Addresses.AreOfOneMachine);
    }

    /// <summary>What was used since this watch was made.</summary>
    public ResourceResult Stop()
    {
        TimeSpan time = Stopwatch.GetElapsedTime(_startedAt);
        ThreadShares? threads = _threads is { } before ? ThreadUse.Now()?.Since(before, time) : null;
        TcpStatistics[] tcp = _tcp;
        long sent = tcp.Sum(t => t.SegmentsSent);
        double busy = tcp.Sum(t => t.Busy.TotalSeconds);
        return new ResourceResult
        {
            Processors = Environment.ProcessorCount,
            ClientCores = Rounded((Environment.CpuUsage.TotalTime - _processor) / time),
            BusiestThreadRan = Rounded(threads?.BusiestRan),
            BusiestThreadWaited = Rounded(threads?.BusiestWaited),
            MachineBusy = Rounded(_machine is { } m ? MachineUse.Now()?.ShareSince(m) : null),
            GcPauseSeconds = (GC.GetTotalPauseDuration() - _pauses).TotalSeconds,
            ServerIsHere = _isHere,
            NetworkMinNs = Median(tcp.Select(t => t.MinimumRoundTrip)),
            NetworkSmoothedNs = Median(tcp.Select(t => t.SmoothedRoundTrip)),
            SentAgain = sent == 0 ? null : Rounded((double)tcp.Sum(t => t.SegmentsSentAgain) / sent),
            PeerTookNoMore = busy > 0 ? Rounded(tcp.Sum(t => t.LimitedByPeer.TotalSeconds) / busy) : null,
        };
    }

    private static long? Median(IEnumerable<TimeSpan> times)
    {
        TimeSpan[] sorted = [.. times.Where(t => t > TimeSpan.Zero).Order()];
        return sorted.Length == 0 ? null : (long)sorted[sorted.Length / 2].TotalNanoseconds;
    }

    private static double Rounded(double share) => Math.Round(share, 4);

    private static double? Rounded(double? share) => share is { } known ? Math.Round(known, 4) : null;
}
