using System.Diagnostics;

namespace RawEcho.Client;

/// <summary>What all clients of a run share: when to start, when to stop, and what they measured.</summary>
internal sealed class LoadRun(LoadShape shape) : IDisposable
{
    private readonly TaskCompletionSource _start = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ThreadLocal<LatencyHistogram> _latencies = new(static () => new LatencyHistogram(), trackAllValues: true);
    private volatile bool _stopping;
    private int _ready;
    private long _started;
    private long _lastDone;

    public LoadShape Shape { get; } = shape;

    /// <summary>Completes when all are to begin.</summary>
    public Task Started => _start.Task;

    /// <summary>True when nobody is to begin another message.</summary>
    public bool IsStopping => _stopping;

    /// <summary>Clients whose handshake is complete.</summary>
    public int Ready => Volatile.Read(ref _ready);

    public void MarkReady() => Interlocked.Increment(ref _ready);

    /// <summary>From the start to the moment at which the last client was done, when all were; otherwise until now.</summary>
    public TimeSpan Elapsed(bool allDone) => _started == 0
        ? TimeSpan.Zero
        : Stopwatch.GetElapsedTime(_started, allDone ? _lastDone : Stopwatch.GetTimestamp());

    public void Start()
    {
        _started = Stopwatch.GetTimestamp();
        _start.TrySetResult();
    }

    public void Stop()
    {
        _stopping = true;
        _start.TrySetResult();
    }

    /// <summary>How many messages the next client has to send; long.MaxValue when only the time counts.</summary>
    public long QuotaOf(int client) => Shape.Messages is not { } all
        ? long.MaxValue
        : (all / Shape.Clients) + (client < all % Shape.Clients ? 1 : 0);

    /// <summary>Records a round trip that ends now; on the thread that it ended on, so nothing is shared.</summary>
    public void Record(long startTimestamp)
    {
        long ticks = Stopwatch.GetTimestamp() - startTimestamp;
        _latencies.Value!.Record(ticks * (1_000_000_000 / Stopwatch.Frequency));
    }

    /// <summary>Notes that a client has sent all it had to; the goodbye that follows is no part of the run.</summary>
    public void MarkDone() => Volatile.Write(ref _lastDone, Stopwatch.GetTimestamp());

    /// <summary>All latencies; call it when the clients have ended.</summary>
    public LatencyHistogram Latencies()
    {
        var all = new LatencyHistogram();
        AddLatencies(all);
        return all;
    }

    /// <summary>Adds all latencies; while clients are at work, to within the few that are just being recorded.</summary>
    public void AddLatencies(LatencyHistogram all)
    {
        foreach (LatencyHistogram part in _latencies.Values) all.Add(part);
    }

    public void Dispose() => _latencies.Dispose();
}

/// <summary>What load is asked for.</summary>
/// <param name="Clients">Connections, count.</param>
/// <param name="MinSize">The smallest message, bytes.</param>
/// <param name="MaxSize">The largest message, bytes.</param>
/// <param name="Duration">How long to send; null when <paramref name="Messages"/> decides.</param>
/// <param name="Messages">Messages over all clients; null when <paramref name="Duration"/> decides.</param>
internal sealed record LoadShape(int Clients, int MinSize, int MaxSize, TimeSpan? Duration, long? Messages);
