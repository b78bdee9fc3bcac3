using RawEcho.Client.Run;
using RawEcho.Engine.Buffers;

namespace RawEcho.Engine.UnitTests.Scale;

/// <summary>What a storm is simulated with.</summary>
internal sealed record StormSettings
{
    /// <summary>Clients that lose their connections at one moment, each of them a program of its own.</summary>
    public required int Clients { get; init; }

    /// <summary>Cores of the server, which does nothing else.</summary>
    public required int Cores { get; init; }

    /// <summary>CPU time of the server for a handshake, half of it before the client's answer.</summary>
    public required TimeSpan Handshake { get; init; }

    /// <summary>CPU time of the server for a connection that it accepts and turns away.</summary>
    public required TimeSpan Refusal { get; init; }

    public TimeSpan RoundTrip { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>As --max-handshake-queue.</summary>
    public int Queue { get; init; } = new EngineOptions().MaxHandshakeQueue;

    /// <summary>As --max-handshake-wait.</summary>
    public TimeSpan MaxWait { get; init; } = new EngineOptions().MaxHandshakeWait;

    /// <summary>As --handshake-timeout of the server.</summary>
    public TimeSpan ServerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client waits for its connection.</summary>
    public TimeSpan ClientTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether clients pause for a random time, or all for the same.</summary>
    public bool Jitter { get; init; } = true;

    public int Seed { get; init; } = 1;

    /// <summary>When nobody watches any longer.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>What came of a storm.</summary>
internal sealed record StormResult
{
    /// <summary>Clients that are connected again at the end.</summary>
    public required int Back { get; init; }

    /// <summary>How long it took for half, 99 % and all of them; null for what did not come about.</summary>
    public required TimeSpan? P50 { get; init; }

    public required TimeSpan? P99 { get; init; }

    public required TimeSpan? All { get; init; }

    /// <summary>Attempts that were turned away at the gate.</summary>
    public required int Refused { get; init; }

    /// <summary>Attempts that the client gave up, or the server ended at its timeout.</summary>
    public required int TimedOut { get; init; }

    /// <summary>Handshakes whose computing was begun and came to nothing.</summary>
    public required int Wasted { get; init; }

    /// <summary>Most handshakes that waited at a time.</summary>
    public required int MostWaiting { get; init; }
}

/// <summary>
/// Clients that all lose their connections to a server at one moment, and come back. Simulated are the network, the processor and the
/// sweep. Real are the gate, the connections' endings, and the pauses of rawecho-client (--reconnect).
/// </summary>
internal sealed class ReconnectStorm
{
    // As a ConnectionSweep with the default limits has it.
    private static readonly TimeSpan Sweep = Hosting.ConnectionSweep.TickFor(new EngineOptions());

    private readonly StormSettings _settings;
    private readonly VirtualTime _time = new();
    private readonly Processor _processor;
    private readonly HandshakeGate _gate;
    private readonly BufferPool _buffers = new(0);
    private readonly Queue<(ConnectionLifetime Connection, TimeSpan Until)> _deadlines = new();
    private readonly Queue<(Attempt Attempt, TimeSpan Until)> _patience = new();
    private readonly List<TimeSpan> _back;
    private int _refused, _timedOut, _wasted, _mostWaiting;
    private long _lastId;

    private ReconnectStorm(StormSettings settings)
    {
        _settings = settings;
        _processor = new Processor(_time, settings.Cores);
        _gate = new HandshakeGate(settings.Cores, settings.Queue, settings.MaxWait, _time);
        _back = new List<TimeSpan>(settings.Clients);
    }

    private TimeSpan OneWay => _settings.RoundTrip / 2;

    public static StormResult Run(StormSettings settings) => new ReconnectStorm(settings).Run();

    private StormResult Run()
    {
        var seeds = new Random(_settings.Seed);
        _time.Run(
            () =>
            {
                _ = SweepAsync();
                _ = GiveUpAsync();
                return Task.WhenAll(Enumerable.Range(0, _settings.Clients).Select(_ => ComeBackAsync(PauseOf(seeds.Next()))).ToArray());
            },
            _settings.Limit);
        return new StormResult
        {
            Back = _back.Count,
            P50 = Quantile(0.5),
            P99 = Quantile(0.99),
            All = Quantile(1),
            Refused = _refused,
            TimedOut = _timedOut,
            Wasted = _wasted,
            MostWaiting = _mostWaiting,
        };
    }

    private ReconnectPause PauseOf(int seed) => new(_settings.Jitter ? new Random(seed) : new Same());

    // They came back one after the other.
    private TimeSpan? Quantile(double share)
    {
        int wanted = (int)Math.Ceiling(share * _settings.Clients);
        return _back.Count >= wanted ? _back[wanted - 1] : null;
    }

    private async Task ComeBackAsync(ReconnectPause pause)
    {
        while (true)
        {
            await _time.DelayAsync(pause.Next());
            if (!await TryConnectAsync()) continue;
            _back.Add(_time.Now);
            return;
        }
    }

    private Task<bool> TryConnectAsync()
    {
        var attempt = new Attempt();
        _patience.Enqueue((attempt, _time.Now + _settings.ClientTimeout));
        _ = ShakeHandsAsync(attempt);
        return attempt.Outcome;
    }

    // TCP, and then TLS 1.3: the server computes when the client's hello has come, and again when its certificate has.
    private async Task ShakeHandsAsync(Attempt attempt)
    {
        var connection = new ConnectionLifetime(++_lastId, null, null, _buffers);
        TimeSpan deadline = _time.Now + OneWay + _settings.ServerTimeout;
        await _time.DelayAsync(_settings.RoundTrip + OneWay);
        ValueTask<bool> turn = _gate.EnterAsync(begun: false, connection);
        // Whoever is turned away at once needs none.
        if (!turn.IsCompleted) _deadlines.Enqueue((connection, deadline));
        _mostWaiting = Math.Max(_mostWaiting, _gate.Waiting);
        if (!await turn)
        {
            await RefuseAsync(connection, attempt);
            return;
        }

        await _time.DelayAsync(_processor.Compute(_settings.Handshake / 2));
        _gate.Leave();
        await _time.DelayAsync(_settings.RoundTrip);
        // Its place is for nobody: the server reads the end of the stream instead of a certificate.
        bool isWhole = !attempt.IsOver && await _gate.EnterAsync(begun: true, connection);
        if (isWhole)
        {
            await _time.DelayAsync(_processor.Compute(_settings.Handshake / 2));
            _gate.Leave();
            isWhole = connection.TryEnd(CloseReason.LocalClosed, null);
            await _time.DelayAsync(OneWay);
        }

        if (!attempt.TryEnd(isWhole) || !isWhole) _wasted++;
    }

    private async Task RefuseAsync(ConnectionLifetime connection, Attempt attempt)
    {
        bool isTimeout = !connection.TryEnd(CloseReason.HandshakeQueueFull, null);
        await _time.DelayAsync(_processor.Compute(_settings.Refusal) + OneWay);
        if (!attempt.TryEnd(false)) return;
        if (isTimeout) _timedOut++;
        else _refused++;
    }

    // To a hundredth of a second: all are equally patient, so the first one that began is the first one to give up.
    private async Task GiveUpAsync()
    {
        var look = TimeSpan.FromMilliseconds(10);
        while (true)
        {
            await _time.DelayAsync(look);
            while (_patience.TryPeek(out (Attempt Attempt, TimeSpan Until) first) && first.Until <= _time.Now)
            {
                if (_patience.Dequeue().Attempt.TryEnd(false)) _timedOut++;
            }
        }
    }

    // As ConnectionSweep does it: whoever is past its deadline ends, and waits for no turn.
    private async Task SweepAsync()
    {
        while (true)
        {
            await _time.DelayAsync(Sweep);
            while (_deadlines.TryPeek(out (ConnectionLifetime Connection, TimeSpan Until) oldest) && oldest.Until <= _time.Now)
                _deadlines.Dequeue().Connection.TryEnd(CloseReason.HandshakeTimeout, null);
            _gate.TurnAway();
        }
    }

    /// <summary>To connect, as the client sees it: whoever ends it first, has.</summary>
    private sealed class Attempt
    {
        private readonly TaskCompletionSource<bool> _outcome = new();

        public Task<bool> Outcome => _outcome.Task;

        public bool IsOver => _outcome.Task.IsCompleted;

        public bool TryEnd(bool connected) => _outcome.TrySetResult(connected);
    }

    // The middle of every range.
    private sealed class Same : Random
    {
        public override double NextDouble() => 0.5;
    }
}
