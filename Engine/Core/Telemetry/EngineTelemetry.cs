using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace RawEcho.Engine.Telemetry;

/// <summary>
/// The counters of one host, and their publication as the Meter "RawEcho.Engine" (units in UCUM, as OpenTelemetry asks).
/// What connections count themselves is summed up when somebody looks, so that an echo costs no interlocked operation.
/// </summary>
public sealed class EngineTelemetry : IDisposable
{
    /// <summary>The name of the Meter.</summary>
    public const string MeterName = "RawEcho.Engine";

    private static readonly TimeSpan OneCollection = TimeSpan.FromMilliseconds(100);
    private readonly HashSet<string> _collected = [];
    private readonly Func<EngineStatistics> _host;
    private readonly Meter? _meter;
    private readonly Histogram<double>? _handshakeDuration;

    // Interlocked throughout: handshakes end on many threads. Nothing else is ordered by these counts.
    private long _handshakes;
    private long _handshakesFailed;
    private long _handshakesUnderWay;
    private EngineStatistics? _collection;
    private long _collectionAt;

    /// <param name="host">What the host counts at this moment: all but the handshakes, which are counted here.</param>
    /// <param name="publish">False to count alone.</param>
    internal EngineTelemetry(Func<EngineStatistics> host, bool publish)
    {
        _host = host;
        if (!publish) return;
        _meter = new Meter(MeterName);
        _handshakeDuration = _meter.CreateHistogram<double>("rawecho.tls.handshake.duration", "s", "Time of completed TLS handshakes.");
        Counter("rawecho.connections.accepted", "{connection}", "Connections accepted.", s => s.ConnectionsAccepted);
        Counter("rawecho.connections.connected", "{connection}", "Connections opened from this side.", s => s.ConnectionsConnected);
        Counter("rawecho.connections.refused", "{connection}", "Connections refused at a limit.", s => s.ConnectionsRefused);
        Counter(
            "rawecho.connections.refused.address", "{connection}",
            "Connections refused at the limit of their address.",
            s => s.ConnectionsRefusedByAddress);
        Counter(
            "rawecho.connections.refused.descriptors", "{connection}",
            "Connections refused for want of file descriptors.",
            s => s.ConnectionsRefusedByDescriptors);
        Gauge("rawecho.connections.open", "{connection}", "Connections open now.", s => s.ConnectionsOpen);
        Counter("rawecho.tls.handshakes", "{handshake}", "TLS handshakes completed.", s => s.HandshakesDone);
        Counter("rawecho.tls.handshakes.failed", "{handshake}", "TLS handshakes failed.", s => s.HandshakesFailed);
        Gauge("rawecho.tls.handshakes.active", "{handshake}", "TLS handshakes under way.", s => s.HandshakesUnderWay);
        Gauge("rawecho.tls.sessions.open", "{session}", "TLS sessions open now.", s => s.SessionsOpen);
        Gauge(
            "rawecho.tls.handshakes.waiting", "{handshake}",
            "TLS handshakes that wait for their turn to compute.",
            s => s.HandshakesWaiting);
        Counter("rawecho.observer.faults", "{fault}", "Exceptions thrown by the observer of connections.", s => s.ObserverFaults);
        Counter("rawecho.io.read.operations", "{operation}", "Reads that gave data.", s => s.Io.ReadOperations);
        Counter("rawecho.io.write.operations", "{operation}", "Writes that completed.", s => s.Io.WriteOperations);
        Counter("rawecho.io.received", "By", "Application bytes received.", s => s.Io.BytesReceived);
        Counter("rawecho.io.sent", "By", "Application bytes sent.", s => s.Io.BytesSent);
        Gauge("rawecho.pool.args.free", "{object}", "Pooled SocketAsyncEventArgs free.", s => s.Pools.ArgsFree);
        Gauge("rawecho.pool.args.used", "{object}", "Pooled SocketAsyncEventArgs in use.", s => s.Pools.ArgsInUse);
        Gauge("rawecho.pool.buffers.free", "{buffer}", "Recyclable buffers free.", s => s.Pools.BuffersFree);
        Gauge("rawecho.pool.buffers.used", "{buffer}", "Recyclable buffers in use.", s => s.Pools.BuffersInUse);
        Gauge(
            "rawecho.messages.active", "{message}",
            "Messages in memory: under way, in the hands of a handler, or yet to be sent.",
            s => s.Messages.StreamsInUse);
        Gauge("rawecho.pool.messages.free", "By", "Memory of messages that waits for use.", s => s.Messages.BytesFree);
        Gauge("rawecho.pool.messages.used", "By", "Memory that messages are in.", s => s.Messages.BytesInUse);
        Counter("rawecho.pool.messages.made", "{block}", "Blocks made for messages.", s => s.Messages.BlocksMade);
        Counter(
            "rawecho.pool.messages.dropped", "{block}",
            "Blocks of messages left to the collector, because enough were kept.",
            s => s.Messages.BlocksDropped);
        _meter.CreateObservableCounter(
            "rawecho.connections.closed", () => ByReason(s => s.Endings), "{connection}", "Connections ended, by reason.");
        _meter.CreateObservableCounter(
            "rawecho.tls.handshakes.failures",
            () => ByReason(s => s.HandshakeFailures),
            "{handshake}",
            "Connections ended before their handshake was complete, by reason.");
    }

    /// <summary>All counts at one moment.</summary>
    public EngineStatistics Snapshot() => _host() with
    {
        HandshakesDone = Interlocked.Read(ref _handshakes),
        HandshakesFailed = Interlocked.Read(ref _handshakesFailed),
        HandshakesUnderWay = Interlocked.Read(ref _handshakesUnderWay),
    };

    /// <inheritdoc/>
    public void Dispose() => _meter?.Dispose();

    internal void HandshakeStarted() => Interlocked.Increment(ref _handshakesUnderWay);

    // The peer did not ask for one: not a failure.
    internal void HandshakeNeverBegan() => Interlocked.Decrement(ref _handshakesUnderWay);

    internal void HandshakeEnded(bool succeeded, TimeSpan duration)
    {
        Interlocked.Decrement(ref _handshakesUnderWay);
        Interlocked.Increment(ref succeeded ? ref _handshakes : ref _handshakesFailed);
        if (succeeded && _handshakeDuration is { Enabled: true }) _handshakeDuration.Record(duration.TotalSeconds);
    }

    private void Counter(string name, string unit, string description, Func<EngineStatistics, long> read) =>
        _meter?.CreateObservableCounter(name, () => read(Collected(name)), unit, description);

    private void Gauge(string name, string unit, string description, Func<EngineStatistics, long> read) =>
        _meter?.CreateObservableUpDownCounter(name, () => read(Collected(name)), unit, description);

    private IEnumerable<Measurement<long>> ByReason(
        Func<EngineStatistics, IReadOnlyDictionary<CloseReason, long>> read, [CallerArgumentExpression(nameof(read))] string name = "") =>
        read(Collected(name)).Select(e => new Measurement<long>(e.Value, new KeyValuePair<string, object?>("reason", e.Key.ToString())));

    // A listener asks one instrument after the other: all answer from one look at the connections, which may be ten thousand.
    // An instrument that is asked again begins the next collection.
    private EngineStatistics Collected(string instrument)
    {
        lock (_collected)
        {
            bool isOver = _collection is null || Stopwatch.GetElapsedTime(_collectionAt) > OneCollection || !_collected.Add(instrument);
            if (!isOver) return _collection!;
            _collected.Clear();
            _collected.Add(instrument);
            _collectionAt = Stopwatch.GetTimestamp();
            return _collection = Snapshot();
        }
    }
}
