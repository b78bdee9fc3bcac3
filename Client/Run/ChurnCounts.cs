using System.Diagnostics;
using RawEcho.Client.Load;
using RawEcho.Client.Results;
using RawEcho.Client.Wire;

namespace RawEcho.Client.Run;

/// <summary>What the connections came to that were opened while a run was measured. Any thread counts.</summary>
/// <param name="run">The run.</param>
/// <param name="hasTls">Connections shake hands.</param>
internal sealed class ChurnCounts(LoadRun run, bool hasTls)
{
    private readonly Lock _lock = new();
    private readonly LatencyHistogram _handshake = new();
    private long _opened;
    private long _resumed;

    /// <summary>Counts a connection that came after the start and is ready, if that is measured.</summary>
    /// <param name="handshake">How long its handshake took.</param>
    /// <param name="trace">Its handshake.</param>
    public void Add(TimeSpan handshake, HelloTrace trace)
    {
        long now = Stopwatch.GetTimestamp();
        if (now < run.MeasureFrom || now > run.MeasuredUntil) return;
        bool isResumed = hasTls && trace.IsResumed;
        lock (_lock)
        {
            _opened++;
            if (hasTls) _handshake.Record((long)handshake.TotalNanoseconds);
            if (isResumed) _resumed++;
        }
    }

    /// <summary>What there was so far.</summary>
    public ChurnResult ToResult()
    {
        lock (_lock) return new ChurnResult(_opened, hasTls ? _resumed : null, hasTls ? LatencyResult.Of(_handshake) : null);
    }
}
