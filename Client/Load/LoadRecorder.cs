using System.Diagnostics;

namespace RawEcho.Client.Load;

/// <summary>What one thread measured. That thread alone writes; others may look on, and add all up when the clients have ended.</summary>
/// <param name="run">The run it belongs to.</param>
internal sealed class LoadRecorder(LoadRun run)
{
    private static readonly long NanosecondsPerTick = 1_000_000_000 / Stopwatch.Frequency;

    /// <summary>A message that begins more than this after its time was not sent in time.</summary>
    public static readonly TimeSpan InTime = TimeSpan.FromMilliseconds(1);

    private static readonly long InTimeTicks = (long)(InTime.TotalSeconds * Stopwatch.Frequency);

    private readonly long[] _late = new long[Enum.GetValues<LateCause>().Length];
    private long _afterEnd;
    private long _sentAgain;

    /// <summary>The run it belongs to.</summary>
    public LoadRun Run => run;

    /// <summary>From the moment a message was sent to the end of its echo.</summary>
    public LatencyHistogram Service { get; } = new();

    /// <summary>From the moment a message was to be sent to the end of its echo; null without a rate, where the two are one.</summary>
    public LatencyHistogram? Corrected { get; } = run.Shape.IsOpen ? new LatencyHistogram() : null;

    /// <summary>Messages that were not sent in time.</summary>
    public LateCounts Late => new(
        Volatile.Read(ref _late[(int)LateCause.Client]),
        Volatile.Read(ref _late[(int)LateCause.NoRoom]),
        Volatile.Read(ref _late[(int)LateCause.BlockedSend]));

    /// <summary>Messages whose echo was complete only after the end of the measurement.</summary>
    public long AfterEnd => Volatile.Read(ref _afterEnd);

    /// <summary>Messages that were sent again on another connection, once for each time.</summary>
    public long SentAgain => Volatile.Read(ref _sentAgain);

    /// <summary>Records that a message was sent again.</summary>
    public void RecordSentAgain() => _sentAgain++;

    /// <summary>Records a message whose echo has come back whole. All times in ticks of <see cref="Stopwatch"/>.</summary>
    /// <param name="due">When it was to be sent.</param>
    /// <param name="sent">When it was sent.</param>
    /// <param name="now">When the echo was complete.</param>
    /// <param name="cause">What kept it from being sent when it was due, if anything did.</param>
    public void Record(long due, long sent, long now, LateCause cause = LateCause.Client)
    {
        Service.Record((now - sent) * NanosecondsPerTick);
        if (now > run.MeasuredUntil) _afterEnd++;
        if (Corrected is null) return;
        Corrected.Record((now - due) * NanosecondsPerTick);
        if (sent - due > InTimeTicks) _late[(int)cause]++;
    }

    /// <summary>
    /// Records a message that was due and could not be sent before the end: its latency is at least the time that it has waited. To
    /// leave it out would make a server that stops answering look better than one that is slow.
    /// </summary>
    /// <param name="waited">Ticks of <see cref="Stopwatch"/>.</param>
    public void RecordUnsent(long waited) => Corrected?.Record(waited * NanosecondsPerTick);
}
