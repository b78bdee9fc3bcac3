using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using RawEcho.Engine.Buffers;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Tls;

namespace RawEcho.Engine;

/// <summary>
/// What a connection is, whichever layer looks at it: the socket's own view and the TLS view of one connection share it.
/// </summary>
/// <param name="id">Number of the connection, from 1, unique within its host.</param>
/// <param name="local">This side's address; null where the transport has none.</param>
/// <param name="remote">The peer's address; null where the transport has none.</param>
/// <param name="buffers">Where the connection's buffers are rented from.</param>
public sealed class ConnectionLifetime(long id, EndPoint? local, EndPoint? remote, BufferPool buffers)
{
    private readonly Lock _endLock = new();
    // The limits are volatile because the sweep reads them (Passed) while the connection's own flow writes them: each is one complete
    // record.
    private volatile Deadline? _deadline;
    private volatile Deadline? _timeLimit;
    private volatile Deadline? _messageTime;
    private CancellationTokenSource? _ended;

    // Pairs with the reads of sweep and drain: whoever sees true sees the counts of the handshake that are written before it.
    private volatile bool _established;
    private bool _concluded;
    private ConnectionEnd _end;

    /// <summary>Number of the connection, from 1, unique within its host.</summary>
    public long Id { get; } = id;

    /// <summary>This side's address; null where the transport has none.</summary>
    public EndPoint? LocalEndPoint { get; } = local;

    /// <summary>The peer's address; null where the transport has none.</summary>
    public EndPoint? RemoteEndPoint { get; } = remote;

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

    /// <summary>What whoever opened the connection gave along for its handler; null for an accepted one.</summary>
    public object? State { get; init; }

    /// <summary>Why reading came to an end of stream; <see cref="CloseReason.None"/> before that.</summary>
    internal CloseReason EndOfStream { get; set; }

    /// <summary>True from the end of the handshake (or at once, without TLS): only then is there application data to lose.</summary>
    public bool Established
    {
        get => _established;
        internal set => _established = value;
    }

    /// <summary>True from the end of a TLS handshake that succeeded.</summary>
    internal bool IsSecured { get; set; }

    /// <summary>True for a connection that the peer opened.</summary>
    internal bool IsAccepted { get; set; }

    /// <summary>True while what was read last looks like a part of a longer message: draining waits for the rest.</summary>
    internal bool ExpectsMore { get; set; }

    /// <summary>Whether something is in hand, for handlers that say so.</summary>
    internal ConnectionActivity Activity { get; } = new();

    /// <summary>Who keeps it open in place of a handler; null where a handler does.</summary>
    internal IConnectionHolder? Holder { get; set; }

    /// <summary>How long a goodbye may take.</summary>
    internal TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The counters of the host; null for a connection that has none.</summary>
    internal EngineTelemetry? Telemetry { get; init; }

    /// <summary>What bounds its handshake besides the deadline; null for nothing.</summary>
    internal HandshakeLimits? HandshakeLimits { get; set; }

    /// <summary>Bytes received until the handshake was complete; 0 without TLS.</summary>
    internal long HandshakeBytes { get; set; }

    /// <summary>Is called once when the connection has ended, before this side says goodbye; null for nobody. Does not throw.</summary>
    internal Action<ConnectionLifetime>? OnConcluded { get; set; }

    internal BufferPool Buffers { get; } = buffers;

    /// <summary>Where messages get their memory from; a host has one for all of its connections.</summary>
    internal MessagePool Messages
    {
        get => field ??= new MessagePool(MessageOptions.BlockBytes, MessageOptions.MaxPooledBytes);
        init;
    }

    /// <summary>How messages are bounded.</summary>
    internal MessageOptions MessageOptions { get; init; } = MessageOptions.Default;

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

    /// <summary>
    /// The handler is done: the end of stream it met is the reason, or else that it wanted no more. Bounds the goodbye. Called before the
    /// first word of a goodbye, whichever layer says it, and by the connection's own flow alone.
    /// </summary>
    internal void Conclude()
    {
        TryEnd(ReasonOfHandler(), null);
        if (!_concluded)
        {
            _concluded = true;
            OnConcluded?.Invoke(this);
        }

        SetDeadline(CloseTimeout, CloseReason.LocalClosed);
    }

    private CloseReason ReasonOfHandler() => EndOfStream switch
    {
        CloseReason.None => CloseReason.LocalClosed,
        CloseReason.PeerClosed or CloseReason.PeerReset when IsAccepted && !IsSecured && Io.BytesReceived == 0 => CloseReason.EndedBeforeFirstByte,
        var end => end,
    };

    /// <summary>Ends it for what a handler threw.</summary>
    /// <returns>False when that is a defect of the handler, and not something that happens to connections.</returns>
    internal bool TryEndBy(Exception thrown)
    {
        // After an abort, whatever I/O throws is its consequence.
        if (End.Reason != CloseReason.None && thrown is IOException or ObjectDisposedException or InvalidOperationException) return true;
        ConnectionEnd end = thrown switch
        {
            IConnectionFault fault => new ConnectionEnd(fault.Reason, thrown.Message),
            IOException { InnerException: SocketException s } => Describe(s),
            SocketException s => Describe(s),
            IOException or AuthenticationException =>
                new ConnectionEnd(CloseReason.ProtocolError, HandshakeFailure.Describe(thrown, "The connection failed")),
            _ => new ConnectionEnd(CloseReason.HandlerFault, $"{thrown.GetType().Name}: {thrown.Message}"),
        };
        TryEnd(end.Reason, end.Detail);
        return end.Reason != CloseReason.HandlerFault;

        static ConnectionEnd Describe(SocketException s) => s.SocketErrorCode switch
        {
            SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => new(CloseReason.PeerReset),
            _ => new(CloseReason.TransportError, s.Message),
        };
    }

    /// <summary>The connection is aborted with <paramref name="reason"/> unless the deadline is cleared or moved in time.</summary>
    internal void SetDeadline(TimeSpan after, CloseReason reason) => _deadline = Deadline.After(after, reason);

    internal void ClearDeadline() => _deadline = null;

    /// <summary>
    /// The first of all limits of time that has passed; null when none has. Once the connection has ended, only the goodbye's counts.
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
    internal void BeginMessageTime() => _messageTime ??= Deadline.After(MessageOptions.MessageTimeout, CloseReason.MessageTimeout);

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
