using System.Diagnostics;

namespace RawEcho.Client.Load;

/// <summary>
/// What all clients of a run share: when to start, what is measured, when to stop, and what came of it. All times are ticks of
/// <see cref="Stopwatch"/>, which the clock of the day does not touch.
/// </summary>
internal sealed class LoadRun : IDisposable
{
    [ThreadStatic]
    private static LoadRecorder? _recorderOfThread;

    private readonly TaskCompletionSource _start = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<LoadRecorder> _recorders = [];
    private volatile bool _stopping;
    private volatile bool _isAnswered;
    private int _ready;
    private long _began;
    private long _stoppedAt;
    private long _lastDone;
    private long _measuredUntil = long.MaxValue;

    /// <param name="shape">What load is asked for.</param>
    public LoadRun(LoadShape shape)
    {
        Shape = shape;
        Bytes = new MessageBytes(shape.Sizes.Max, shape.Seed);
    }

    public LoadShape Shape { get; }

    /// <summary>The bytes of all messages.</summary>
    public MessageBytes Bytes { get; }

    /// <summary>When each message is to be sent; null without a rate.</summary>
    public RateSchedule? Schedule { get; private set; }

    /// <summary>How long this client stood still; with a rate.</summary>
    public ClientPauses Pauses { get; } = new();

    /// <summary>Completes when all are to begin.</summary>
    public Task Started => _start.Task;

    /// <summary>True when nobody is to begin another message.</summary>
    public bool IsStopping => _stopping;

    /// <summary>Messages that begin from here on are measured; those before it were ramp and warm-up.</summary>
    public long MeasureFrom { get; private set; }

    /// <summary>No message begins from here on; long.MaxValue when their number decides.</summary>
    public long EndAt { get; private set; }

    /// <summary>When the stop was asked for; 0 before.</summary>
    public long StoppedAt => Volatile.Read(ref _stoppedAt);

    /// <summary>The end of the measurement: its time is over, or the stop was asked for; long.MaxValue while it is not known.</summary>
    public long MeasuredUntil => Volatile.Read(ref _measuredUntil);

    /// <summary>True when any connection has had an answer, warm-up included.</summary>
    public bool IsAnswered => _isAnswered;

    /// <summary>Clients whose handshake is complete, those that are no more included.</summary>
    public int Ready => Volatile.Read(ref _ready);

    /// <summary>Measured messages whose whole echo has come back and matched, by now.</summary>
    public long RoundTrips
    {
        get
        {
            lock (_lock) return _recorders.Sum(r => r.Service.Count);
        }
    }

    /// <summary>The recorder of the thread that asks.</summary>
    public LoadRecorder Recorder => _recorderOfThread is { } recorder && ReferenceEquals(recorder.Run, this) ? recorder : NewRecorder();

    /// <summary>Notes that an answer came back whole.</summary>
    public void MarkAnswered()
    {
        // Read first: written by every thread, the line would go from one processor to the other with every message.
        if (!_isAnswered) _isAnswered = true;
    }

    public void MarkReady() => Interlocked.Increment(ref _ready);

    /// <summary>
    /// How long has been measured: until now, until the stop, or, when every client has done its number, until the last of them was done.
    /// </summary>
    /// <param name="allDone">True when every client has done all it had to.</param>
    public TimeSpan Elapsed(bool allDone)
    {
        if (_began == 0) return TimeSpan.Zero;
        long stopped = Volatile.Read(ref _stoppedAt);
        long end = Shape.Messages is not null && allDone ? Volatile.Read(ref _lastDone) : stopped == 0 ? Stopwatch.GetTimestamp() : stopped;
        end = Math.Min(end, EndAt);
        return end > MeasureFrom ? Stopwatch.GetElapsedTime(MeasureFrom, end) : TimeSpan.Zero;
    }

    /// <summary>Starts all.</summary>
    /// <param name="at">When the run begins; it may lie back: what has become due since then is late. Null for now.</param>
    public void Start(long? at = null)
    {
        _began = at ?? Stopwatch.GetTimestamp();
        MeasureFrom = _began + Ticks(Shape.Ramp + Shape.Warmup);
        EndAt = Shape.Duration is { } duration ? MeasureFrom + Ticks(duration) : long.MaxValue;
        Volatile.Write(ref _measuredUntil, EndAt);
        RateCurve? curve = Shape.Stages?.Curve ?? (Shape.Rate is { } rate ? RateCurve.Steady(rate, Shape.Ramp) : null);
        if (curve is not null) Schedule = new RateSchedule(_began, curve, Shape.IsPoisson ? new(Shape.Seed, Shape.Share.AllClients) : null);
        _start.TrySetResult();
    }

    public void Stop()
    {
        if (Interlocked.CompareExchange(ref _stoppedAt, Stopwatch.GetTimestamp(), 0) == 0)
            Volatile.Write(ref _measuredUntil, Math.Min(MeasuredUntil, StoppedAt));
        _stopping = true;
        _start.TrySetResult();
        _stop.Cancel();
    }

    /// <summary>
    /// When a connection's turn to begin comes: all at once, or one after the other over the ramp. A rate has a ramp of its own.
    /// </summary>
    /// <param name="client">Its number through the whole fleet.</param>
    public Task TurnOf(int client)
    {
        if (Shape.Ramp == TimeSpan.Zero || Shape.IsOpen) return Task.CompletedTask;
        TimeSpan wait = (Shape.Ramp * client / Shape.Share.AllClients) - Stopwatch.GetElapsedTime(_began);
        // That the run stops early is as good a reason to go on as that the time has come.
        return wait > TimeSpan.Zero ? Task.WhenAny(Task.Delay(wait, _stop.Token)) : Task.CompletedTask;
    }

    /// <summary>How many messages a client has to send; long.MaxValue when only the time counts.</summary>
    /// <param name="client">Its number through the whole fleet.</param>
    public long QuotaOf(int client) => Shape.Messages is not { } all
        ? long.MaxValue
        : (all / Shape.Share.AllClients) + (client < all % Shape.Share.AllClients ? 1 : 0);

    /// <summary>Notes that a client has sent all it had to; the goodbye that follows is no part of the run.</summary>
    public void MarkDone() => Volatile.Write(ref _lastDone, Stopwatch.GetTimestamp());

    /// <summary>What all threads have measured by now.</summary>
    public LoadTotals Totals()
    {
        var totals = new LoadTotals(Shape.IsOpen);
        AddTo(totals);
        return totals;
    }

    /// <summary>Adds what all threads have measured by now.</summary>
    public void AddTo(LoadTotals totals)
    {
        lock (_lock)
        {
            foreach (LoadRecorder recorder in _recorders) totals.Add(recorder);
        }
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>A time in ticks of <see cref="Stopwatch"/>.</summary>
    public static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private LoadRecorder NewRecorder()
    {
        var recorder = new LoadRecorder(this);
        lock (_lock) _recorders.Add(recorder);
        return _recorderOfThread = recorder;
    }
}
