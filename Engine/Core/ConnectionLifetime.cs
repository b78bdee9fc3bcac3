using System.Diagnostics;
using System.Net;
using RawEcho.Engine.Buffers;
using RawEcho.Engine.Certificates;

namespace RawEcho.Engine;

/// <summary>
/// What a connection is, whichever layer looks at it: the socket's own view and the TLS view of one connection share it.
/// </summary>
public sealed class ConnectionLifetime
{
    private readonly Lock _endLock = new();
    // The limits are volatile because the sweep reads them (Passed) while the connection's own flow writes them: each is one complete
    // record.
    private volatile Deadline? _deadline;
    private volatile Deadline? _timeLimit;
    private volatile Deadline? _messageTime;
    private CancellationTokenSource? _ended;
    private CancellationTokenSource? _endRequested;
    private CloseReason _requestedEnd;
    private volatile AdmittedPeer? _admitted;
    private volatile ConnectionPhase _phase;

    // Pairs with the reads of sweep and drain: whoever sees true sees the counts of the handshake that are written before it.
    private volatile bool _established;
    private volatile bool _isSecured;
    private long _handshakeStartedAt;
    private object? _state;
    private ConnectionEnd _end;

    /// <param name="id">Number of the connection, from 1, unique within its host.</param>
    /// <param name="local">This side's address; null where the transport has none. One of IPv4 that is mapped into IPv6 is kept as one of
    /// IPv4.</param>
    /// <param name="remote">The peer's address, likewise; null where the transport has none.</param>
    /// <param name="buffers">Where the connection's buffers are rented from.</param>
    public ConnectionLifetime(long id, EndPoint? local, EndPoint? remote, BufferPool buffers)
        : this(id, local, remote, new ConnectionServices(buffers))
    {
    }

    internal ConnectionLifetime(long id, EndPoint? local, EndPoint? remote, ConnectionServices services)
    {
        Id = id;
        LocalEndPoint = PlainAddress.Of(local);
        RemoteEndPoint = PlainAddress.Of(remote);
        Services = services;
    }

    /// <summary>Number of the connection, from 1, unique within its host.</summary>
    public long Id { get; }

    /// <summary>This side's address, or what a proxy said the client connected to; null where the transport has none.</summary>
    public EndPoint? LocalEndPoint { get; private set; }

    /// <summary>The peer's address, or what a proxy said that its client has; null where the transport has none.</summary>
    public EndPoint? RemoteEndPoint { get; private set; }

    /// <summary>What a proxy said of the connection (<see cref="Proxy.ProxyProtocolHandler"/>); null without one.</summary>
    public ProxyHeader? Proxy { get; private set; }

    /// <summary>The address from which that proxy connected; null without one.</summary>
    public EndPoint? ProxyEndPoint { get; private set; }

    /// <summary>
    /// Who the client is by the word of the proxy, where that counts; else null (<see cref="Connection.ProxyClientName"/>).
    /// </summary>
    public string? ProxyClientName { get; internal set; }

    /// <summary>What the handler read and wrote; written by the connection's own flow alone.</summary>
    public IoCounters Io { get; } = new();

    /// <summary>When it was opened, on the clock of Environment.TickCount64 (milliseconds).</summary>
    public long OpenedAt { get; } = Environment.TickCount64;

    /// <summary>When the TCP connect began that made it, in ticks of Stopwatch; 0 for a connection that was accepted.</summary>
    public long ConnectStartedAt { get; internal set; }

    /// <summary>How it ended; <see cref="CloseReason.None"/> while it is open.</summary>
    public ConnectionEnd End
    {
        get
        {
            lock (_endLock) return _end;
        }
    }

    /// <summary>Cancelled when the connection has ended, on a thread of the pool.</summary>
    internal CancellationToken Ended
    {
        get
        {
            lock (_endLock)
            {
                if (_end.Reason != CloseReason.None) return new CancellationToken(canceled: true);
                _ended ??= new CancellationTokenSource();
                return _ended.Token;
            }
        }
    }

    /// <summary>Cancelled when this side has asked the connection to end in order, on a thread of the pool.</summary>
    internal CancellationToken EndRequested
    {
        get
        {
            lock (_endLock)
            {
                if (_requestedEnd != CloseReason.None) return new CancellationToken(canceled: true);
                _endRequested ??= new CancellationTokenSource();
                return _endRequested.Token;
            }
        }
    }

    /// <summary>What whoever opened the connection gave along for its handler; null for an accepted one.</summary>
    public object? State { get => _state; init => _state = value; }

    /// <summary>Why reading came to an end of stream; <see cref="CloseReason.None"/> before that.</summary>
    internal CloseReason EndOfStream { get; set; }

    /// <summary>Where the connection stands.</summary>
    public ConnectionPhase Phase => _phase;

    /// <summary>
    /// True once the connection was <see cref="ConnectionPhase.Open"/>, with TLS after the handshake: only then is there application
    /// data to lose. It stays true when the connection closes.
    /// </summary>
    public bool Established => _established;

    /// <summary>Who was authenticated by its certificate and let in; null before that, and for a peer that showed none.</summary>
    public PeerIdentity? Peer { get; internal set; }

    /// <summary>How long the TLS handshake took, or has taken until it failed; zero before that, and without TLS.</summary>
    public TimeSpan HandshakeTime { get; private set; }

    /// <summary>True once a TLS handshake has succeeded.</summary>
    internal bool IsSecured => _isSecured;

    /// <summary>What the host provides.</summary>
    internal ConnectionServices Services { get; }

    /// <summary>Who the peer is, if a TLS handler has verified and admitted it; null before that.</summary>
    internal AdmittedPeer? Admitted
    {
        get => _admitted;
        set => _admitted = value;
    }

    /// <summary>True while what was read last looks like a part of a longer message: draining waits for the rest.</summary>
    internal bool ExpectsMore { get; set; }

    /// <summary>Whether the connection is busy, for handlers that say so.</summary>
    internal ConnectionActivity Activity { get; } = new();

    /// <summary>Who keeps it open in place of a handler; null where a handler does.</summary>
    internal IConnectionHolder? Holder { get; set; }

    /// <summary>Replaces the addresses by those that a proxy said, before any layer above has asked for them.</summary>
    internal void SetAddresses(EndPoint local, EndPoint remote) => (LocalEndPoint, RemoteEndPoint) = (local, remote);

    /// <summary>A proxy has said what it had to: its own address is that of TCP so far.</summary>
    internal void SetProxy(ProxyHeader header) => (Proxy, ProxyEndPoint) = (header, RemoteEndPoint);

    /// <summary>Replaces <see cref="State"/>: until the handshake is complete, it says what becomes of the connection.</summary>
    internal void SetState(object? state) => _state = state;

    /// <summary>Is told of the handshake; null for nobody.</summary>
    internal IHandshakeTrace? Trace { get; set; }

    /// <summary>Bytes received before application data could come: a proxy's header, the handshake.</summary>
    internal long HandshakeBytes { get; set; }

    /// <summary>The first reason given is the one that stands.</summary>
    internal bool TryEnd(CloseReason reason, string? detail) => TryEnd(new ConnectionEnd(reason, detail));

    /// <summary>The first reason given is the one that stands.</summary>
    internal bool TryEnd(ConnectionEnd end)
    {
        lock (_endLock)
        {
            if (_end.Reason != CloseReason.None) return false;
            _end = end;
            // Not on this thread: whoever waits for the end may do anything then.
            _ = _ended?.CancelAsync();
            return true;
        }
    }

    /// <summary>Tells the handler to end the connection in order. The first reason given is the one that stands.</summary>
    internal void RequestEnd(CloseReason reason)
    {
        lock (_endLock)
        {
            if (_requestedEnd != CloseReason.None) return;
            _requestedEnd = reason;
            // Not on this thread, as in TryEnd.
            _ = _endRequested?.CancelAsync();
        }
    }

    /// <summary>
    /// Moves the connection on. This is the only place where its phase changes, and whoever has to know hears of it here: telemetry, and
    /// the observer. Called by the connection's own flow, one phase after the other.
    /// </summary>
    /// <exception cref="InvalidOperationException">The phase does not follow the present one: a defect.</exception>
    internal void Advance(ConnectionPhase next)
    {
        ConnectionPhase previous = _phase;
        bool follows = next > previous || (previous, next) is (ConnectionPhase.Open, ConnectionPhase.Handshaking);
        if (!follows) throw new InvalidOperationException($"A connection that is {previous} cannot become {next}.");
        if (next == ConnectionPhase.Handshaking) _handshakeStartedAt = Stopwatch.GetTimestamp();
        if (previous == ConnectionPhase.Handshaking) HandshakeTime = Stopwatch.GetElapsedTime(_handshakeStartedAt);
        if (next is ConnectionPhase.Handshaking or ConnectionPhase.Open) _established = next == ConnectionPhase.Open;
        if (next == ConnectionPhase.Open) _isSecured = previous == ConnectionPhase.Handshaking;
        _phase = next;
        Services.Phases?.OnPhase(this, previous);
    }

    /// <summary>
    /// The handler is done: the end of stream it met is the reason, or else that it wanted no more. Limits the time of closing. Called
    /// before close_notify and FIN, whichever layer sends them, and by the connection's own flow alone; a second call does nothing.
    /// </summary>
    internal void Conclude()
    {
        if (_phase >= ConnectionPhase.Closing) return;
        TryEnd(ReasonOfHandler(), null);
        Advance(ConnectionPhase.Closing);
        SetDeadline(Services.CloseTimeout, CloseReason.LocalClosed);
    }

    private CloseReason EndRequestedFor
    {
        get
        {
            lock (_endLock) return _requestedEnd;
        }
    }

    private CloseReason ReasonOfHandler() => EndOfStream switch
    {
        // A handler that was asked to end did so for that reason.
        CloseReason.None => EndRequestedFor is CloseReason.None ? CloseReason.LocalClosed : EndRequestedFor,
        CloseReason.PeerClosed or CloseReason.PeerReset when Services.IsAccepted && !IsSecured && Io.BytesReceived == 0 =>
            CloseReason.EndedBeforeFirstByte,
        var end => end,
    };

    /// <summary>The connection is aborted with <paramref name="reason"/> unless the deadline is cleared or moved in time.</summary>
    internal void SetDeadline(TimeSpan after, CloseReason reason) => _deadline = Deadline.After(after, reason);

    internal void ClearDeadline() => _deadline = null;

    /// <summary>
    /// The first of all limits of time that has passed; null when none has. Once the connection has ended, only the limit of its closing
    /// counts.
    /// </summary>
    /// <param name="now">The moment, on the clock of Environment.TickCount64 (milliseconds).</param>
    internal Deadline? Passed(long now)
    {
        if (_deadline is { } deadline && now >= deadline.At) return deadline;
        if (End.Reason != CloseReason.None) return null;
        if (_timeLimit is { } limit && now >= limit.At) return limit;
        return _messageTime is { } message && now >= message.At ? message : null;
    }

    /// <summary>The connection is aborted unless the handler is done in time; it stands beside the other limits.</summary>
    /// <returns>What to give to <see cref="ClearTimeLimit"/>; null for no limit.</returns>
    internal Deadline? SetTimeLimit(TimeSpan after) => _timeLimit = Deadline.After(after, CloseReason.OperationTimeout);

    /// <summary>The rest of the message that has begun must come in time; does nothing while a message has its time already.</summary>
    internal void BeginMessageTime() => _messageTime ??= Deadline.After(Services.MessageOptions.MessageTimeout, CloseReason.MessageTimeout);

    internal void EndMessageTime() => _messageTime = null;

    /// <summary>Takes a limit off, unless another one has replaced it.</summary>
    // Pairs with the write in SetTimeLimit: a plain check and write could take off the limit of an operation that has begun between the
    // two.
    internal void ClearTimeLimit(Deadline limit) => Interlocked.CompareExchange(ref _timeLimit, null, limit);

    /// <summary>A moment (Environment.TickCount64, milliseconds) and the reason to give when it has passed.</summary>
    internal sealed record Deadline(long At, CloseReason Reason, TimeSpan Time)
    {
        /// <summary>From now on; null for Timeout.InfiniteTimeSpan.</summary>
        public static Deadline? After(TimeSpan time, CloseReason reason) =>
            time == Timeout.InfiniteTimeSpan ? null : new Deadline(Environment.TickCount64 + (long)time.TotalMilliseconds, reason, time);
    }
}
