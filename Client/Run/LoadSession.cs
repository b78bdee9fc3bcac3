using System.Diagnostics;
using RawEcho.Client.Bottlenecks;
using RawEcho.Client.Http;
using RawEcho.Client.Http.Load;
using RawEcho.Client.Load;
using RawEcho.Client.Results;
using RawEcho.Client.Streams;
using RawEcho.Client.Targets;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Tls;
using RawEcho.Streams;

namespace RawEcho.Client.Run;

/// <summary>One load from start to end: connect all, start, watch, stop, take the last echoes. It says nothing to the user.</summary>
internal sealed class LoadSession : IAsyncDisposable
{
    private const int HandshakesAtATime = 64;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan DrainTick = TimeSpan.FromMilliseconds(10);

    private readonly SessionSettings _settings;
    private readonly IReadOnlyList<Target> _targets;
    private readonly EngineClient _client;
    private readonly CancellationTokenSource _giveUp = new();
    private readonly ConnectionSlot[] _slots;
    private readonly SeriesRecorder _series;
    private readonly ClientMeter _meter;
    private readonly Func<(long Sent, long Received)> _bytesNow;
    private Task _all = Task.CompletedTask;
    private Task _pacing = Task.CompletedTask;
    private IoTotals _ioBefore;
    private (long Sent, long Received) _bytesAtEnd;
    private ResourceWatch? _watch;
    private volatile bool _isMeasured;
    private Action? _onTick;

    /// <param name="settings">How to work.</param>
    /// <param name="targets">The servers, looked up.</param>
    /// <exception cref="CommandException">This machine does not have a local address that was named.</exception>
    public LoadSession(SessionSettings settings, IReadOnlyList<Target> targets)
    {
        (_settings, _targets) = (settings, targets);
        FleetShare share = settings.Shape.Share;
        int clients = share.Clients;
        EngineProcess.Configure(new EngineProcessOptions { EventLoops = settings.Targets.Loops });
        _client = new EngineClient(tls: null, new EngineOptions
        {
            MaxConnections = clients,
            PreallocatedConnections = Math.Min(clients, 64),
            ConnectTimeout = settings.Targets.ConnectTimeout,
            // The session itself looks after echoes that do not come: before the start nothing moves, and rightly so.
            IdleTimeout = Timeout.InfiniteTimeSpan,
            WriteTimeout = Timeout.InfiniteTimeSpan,
        });
        Run = new LoadRun(settings.Shape);
        Churn = settings.IsChurning ? new ChurnCounts(Run, settings.Targets.Tls.Level != TlsLevel.None) : null;
        _series = new SeriesRecorder(Run, Failures, settings.Intervals);
        _bytesNow = settings.Mode == StreamMode.Echo ? BytesOfConnections : () => (Streams.Sent, Streams.Received);
        _meter = new ClientMeter(Run);
        var context = new ConnectionContext(_client, Run, settings, Failures, new SemaphoreSlim(HandshakesAtATime), Churn, _giveUp.Token);
        TlsMaterial material = settings.Targets.Tls;
        TlsClientOptions?[] tls = [.. targets.Select(t => material.Level == TlsLevel.None ? null : TlsFor(t))];
        IReadOnlyList<System.Net.IPAddress> sources =
            SourceAddresses.Choose(settings.Targets.Sources, targets, settings.PortsNeeded(), share.Member, share.Members);
        _slots =
        [
            .. Enumerable.Range(0, clients).Select(i =>
            {
                // The members of a fleet go on where the one before has ended: all servers have their turn, and in each member.
                int turn = (share.ClientsBefore + i) % targets.Count;
                return new ConnectionSlot(
                    context, i, CreateClient(i, targets[turn]), targets[turn], tls[turn],
                    family => SourceAddresses.For(sources, i / targets.Count, family));
            }),
        ];
    }

    public LoadRun Run { get; }

    public FailureList Failures { get; } = new();

    /// <summary>What the responses were like; nothing for messages that are echoed.</summary>
    public HttpCounts Responses { get; } = new();

    /// <summary>What uploads and downloads came to; nothing for echoes and requests.</summary>
    public StreamCounts Streams { get; } = new();

    /// <summary>What the connections of the measurement came to; null where none is replaced in order.</summary>
    public ChurnCounts? Churn { get; }

    public IReadOnlyList<Target> Targets => _targets;

    public SessionSettings Settings => _settings;

    public IReadOnlyList<ConnectionSlot> Slots => _slots;

    /// <summary>The time series so far.</summary>
    public IReadOnlyList<SecondResult> Series => _series.Steps;

    /// <inheritdoc cref="SeriesRecorder.StepLatencies"/>
    public (LatencyHistogram Service, LatencyHistogram? Corrected) StepLatencies => _series.StepLatencies;

    /// <summary>Messages that are measured and were begun.</summary>
    public long Begun => _slots.Sum(s => s.BegunMeasured);

    /// <summary>Bytes that have moved since the measurement began.</summary>
    public (long Sent, long Received) MeasuredBytes => _isMeasured ? _bytesNow() : default;

    /// <summary>Connections that are open now.</summary>
    public long OpenConnections => _client.Statistics.ConnectionsOpen;

    /// <summary>What was measured; complete when the session has ended.</summary>
    public LoadTotals Totals => _series.Totals;

    /// <summary>When the load began; null before.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>How long was measured, when the session has ended.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Messages that were due and not sent, by cause, when the session has ended.</summary>
    public LateCounts Unsent { get; private set; }

    /// <summary>Messages that were due and not sent because their connection was lost, when the session has ended.</summary>
    public long UnsentByLoss { get; private set; }

    /// <summary>What the measurement used of client, machine and network; null when there was none.</summary>
    public ResourceResult? Used { get; private set; }

    /// <summary>Bytes of the measurement, when the session has ended.</summary>
    public (long Sent, long Received) Bytes { get; private set; }

    /// <summary>How many of them moved before the end of the measurement, when the session has ended.</summary>
    public (long Sent, long Received) BytesByTheEnd { get; private set; }

    /// <summary>Bytes of the measurement by now.</summary>
    public (long Sent, long Received) BytesSoFar => _bytesNow();

    /// <summary>The last step of the time series; null when nothing was measured.</summary>
    public SecondResult? LastStep { get; private set; }

    /// <summary>Completes when all connections have ended, each for its own reason.</summary>
    public Task AllEnded => _all;

    /// <summary>Connects all.</summary>
    /// <param name="stop">Completes when the user wants no more.</param>
    /// <param name="progress">Is called now and then.</param>
    /// <returns>True when all are ready to begin.</returns>
    /// <exception cref="CommandException">There is no room for so many.</exception>
    public async Task<bool> ConnectAsync(Task stop, Action progress)
    {
        DescriptorRoom.Check(_client, _slots.Length, _slots.Length);
        _all = Task.WhenAll(_slots.Select(s => s.RunAsync()));
        Task ready = Task.WhenAll(_slots.Select(s => s.Client.Ready));
        Task end = Task.WhenAny(ready, _all, Failures.First, stop);
        while (await Task.WhenAny(end, Task.Delay(Tick)) != end) progress();
        return ready.IsCompleted;
    }

    /// <summary>Starts the load, and watches it until its time is over, all connections have ended, or the user wants no more.</summary>
    /// <param name="stop">Completes when the user wants no more.</param>
    /// <param name="onSecond">Is called after each step of the measurement.</param>
    /// <param name="onTick">Is called several times a second, from the same flow; null for nothing.</param>
    /// <param name="at">When the load begins, ticks of Stopwatch, if that was agreed; null for now.</param>
    public async Task MeasureAsync(Task stop, Action<SecondResult> onSecond, Action? onTick = null, long? at = null)
    {
        _onTick = onTick;
        StartedAt = DateTimeOffset.UtcNow;
        Run.Start(at);
        if (Run.Schedule is not null) _pacing = Pacer.RunAll(Run, i => _slots[i].Client.Open);
        Task end = Task.WhenAny(_all, stop);
        await WatchUntilAsync(end, Run.MeasureFrom);
        _watch = new ResourceWatch();
        LookAtNetwork();
        if (_settings.Shape.Warmup + _settings.Shape.Ramp > TimeSpan.Zero) _ioBefore = _client.Statistics.Io;
        _isMeasured = true;
        long step = LoadRun.Ticks(_settings.Step);
        for (long time = Run.MeasureFrom + step; time < Run.EndAt && !end.IsCompleted; time += step)
        {
            await WatchUntilAsync(end, time);
            if (!end.IsCompleted) onSecond(_series.Step(Stopwatch.GetElapsedTime(Run.MeasureFrom).TotalSeconds, _bytesNow()));
        }

        await WatchUntilAsync(end, Run.EndAt);
    }

    /// <summary>Ends the load: begins no more, takes the last echoes, closes everything, and adds up.</summary>
    /// <param name="interrupted">True when the time is not over.</param>
    public async Task EndAsync(bool interrupted)
    {
        bool started = StartedAt is not null;
        Run.Stop();
        _bytesAtEnd = started ? _bytesNow() : default;
        Used = _watch?.Stop();
        await _giveUp.CancelAsync();
        await _pacing;
        bool allReady = _slots.All(s => s.Client.Ready.IsCompleted);
        if (!started && !allReady) await _client.StopAsync(TimeSpan.Zero);
        await DrainAsync();
        await _client.StopAsync(TimeSpan.Zero);
        await _all;
        if (!started) return;

        // With a number of messages, the run is over with the last echo; with a time, when that is.
        Elapsed = Run.Elapsed(allDone: !interrupted && Array.TrueForAll(_slots, s => s.Client.IsDone));
        CountUnsent();
        if (_settings.Mode != StreamMode.Echo) _bytesAtEnd = _bytesNow();
        LastStep = _series.Step(Elapsed.TotalSeconds, _bytesAtEnd);
        // What a warm-up has sent is no part of a measurement that did not begin.
        if (Elapsed == TimeSpan.Zero) return;
        Bytes = _bytesNow();
        BytesByTheEnd = _bytesAtEnd;
    }

    public async ValueTask DisposeAsync()
    {
        _meter.Dispose();
        await _client.DisposeAsync();
        Run.Dispose();
        _giveUp.Dispose();
    }

    private TlsClientOptions TlsFor(Target target)
    {
        TlsClientOptions tls = _settings.Targets.Tls.ForClient(target.ServerName) with { AllowResumption = !_settings.FullHandshakes };
        if (_settings.Http is { } http) return tls with { ApplicationProtocols = http.Request.Http.Protocols() };
        return StreamProtocols.Of(_settings.Mode) is { } mode ? tls with { ApplicationProtocols = [mode] } : tls;
    }

    private ILoadClient CreateClient(int index, Target target)
    {
        bool describe = index == 0 || _settings.DescribeAll;
        int number = _settings.Shape.Share.NumberOf(index);
        if (_settings.Mode != StreamMode.Echo) return new StreamClient(Run, _settings.Mode, Streams, number, describe);
        if (_settings.Http is not { } http) return new LoadClient(Run, number, Run.QuotaOf(number), describe);
        return new HttpLoadClient(Run, http, target.Url!, Responses, number, describe);
    }

    private async Task WatchUntilAsync(Task end, long time)
    {
        while (!end.IsCompleted)
        {
            double left = (time - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency;
            if (left <= 0) return;
            // A delay counts in milliseconds, and may be over a little too early.
            await Task.WhenAny(end, Task.Delay(left < Tick.TotalSeconds ? TimeSpan.FromMilliseconds(Math.Ceiling(left * 1000)) : Tick));
            AbortLateEchoes();
            LookAtNetwork();
            foreach (ConnectionSlot slot in _slots) slot.Client.Open?.EndIfIdle();
            _onTick?.Invoke();
        }
    }

    private (long Sent, long Received) BytesOfConnections()
    {
        IoTotals io = _client.Statistics.Io;
        return (io.BytesSent - _ioBefore.BytesSent, io.BytesReceived - _ioBefore.BytesReceived);
    }

    private void LookAtNetwork() => _watch?.Look(_slots.Select(s => s.Client.Connection));

    private void AbortLateEchoes()
    {
        bool isFirst = _settings.Http is null && !Run.IsAnswered;
        TimeSpan longest = isFirst ? _settings.FirstEchoTimeout : _settings.EchoTimeout;
        if (longest == Timeout.InfiniteTimeSpan) return;
        long latest = Environment.TickCount64 - (long)longest.TotalMilliseconds;
        string time = FormattableString.Invariant($"{longest.TotalSeconds:0.###} s");
        string why = _settings.Mode != StreamMode.Echo ? $"No data moved for {time} (--echo-timeout)."
            : isFirst
            ? $"The server took the first messages and sent nothing for {time} (--echo-timeout). Does it echo? "
                + "A web server is loaded by its URL: https://host:port/."
            : $"The server sent nothing for {time} (--echo-timeout).";
        foreach (ConnectionSlot slot in _slots)
        {
            if (slot.Client is not { InFlight: > 0, Connection: { } connection }) continue;
            if (connection.Io.LastProgress < latest) connection.Abort(CloseReason.IdleTimeout, why);
        }
    }

    private async Task DrainAsync()
    {
        var clock = Stopwatch.StartNew();
        while (!_all.IsCompleted && (_settings.DrainTimeout == Timeout.InfiniteTimeSpan || clock.Elapsed < _settings.DrainTimeout))
        {
            foreach (ConnectionSlot slot in _slots) slot.Client.Open?.EndIfIdle();
            await Task.WhenAny(_all, Task.Delay(DrainTick));
        }
    }

    private void CountUnsent()
    {
        if (Run.Schedule is null) return;
        long end = Math.Min(Run.StoppedAt, Run.EndAt);
        LoadRecorder recorder = Run.Recorder;
        foreach (ConnectionSlot slot in _slots)
        {
            // What a lost connection did not send is counted, but nobody can say how long it would have waited.
            if (slot.Open is not { } open) continue;
            long unsent = open.CountUnsent(end, slot.IsWhole ? recorder.RecordUnsent : null);
            if (unsent > 0 && slot.IsWhole) Unsent += LateCounts.Of(open.CauseAtEnd(end), unsent);
            else UnsentByLoss += unsent;
        }
    }
}
