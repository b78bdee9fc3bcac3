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
    private volatile Deadline? _deadline;
    private volatile bool _established;
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

    /// <summary>True while what was read last looks like a part of a longer message: draining waits for the rest.</summary>
    internal bool ExpectsMore { get; set; }

    /// <summary>How long a goodbye may take.</summary>
    internal TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The counters of the host; null for a connection that has none.</summary>
    internal EngineTelemetry? Telemetry { get; init; }

    /// <summary>What bounds its handshake besides the deadline; null for nothing.</summary>
    internal HandshakeLimits? HandshakeLimits { get; set; }

    /// <summary>Bytes received until the handshake was complete; 0 without TLS.</summary>
    internal long HandshakeBytes { get; set; }

    internal BufferPool Buffers { get; } = buffers;

    internal Deadline? CurrentDeadline => _deadline;

    /// <summary>The first reason given is the one that stands.</summary>
    internal bool TryEnd(CloseReason reason, string? detail) => TryEnd(new ConnectionEnd(reason, detail));

    /// <summary>The first reason given is the one that stands.</summary>
    internal bool TryEnd(ConnectionEnd end)
    {
        lock (_endLock)
        {
            if (_end.Reason != CloseReason.None) return false;
            _end = end;
            return true;
        }
    }

    /// <summary>The handler is done: the end of stream it met is the reason, or else that it wanted no more. Bounds the goodbye.</summary>
    internal void Conclude()
    {
        TryEnd(EndOfStream == CloseReason.None ? CloseReason.LocalClosed : EndOfStream, null);
        SetDeadline(CloseTimeout, CloseReason.LocalClosed);
    }

    /// <summary>Ends it for what a handler threw.</summary>
    /// <returns>False when that is a defect of the handler, and not something that happens to connections.</returns>
    internal bool TryEndBy(Exception thrown)
    {
        // After an abort, whatever I/O throws is its consequence.
        if (End.Reason != CloseReason.None && thrown is IOException or ObjectDisposedException or InvalidOperationException) return true;
        ConnectionEnd end = thrown switch
        {
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
    internal void SetDeadline(TimeSpan after, CloseReason reason) =>
        _deadline = after == Timeout.InfiniteTimeSpan
            ? null
            : new Deadline(Environment.TickCount64 + (long)after.TotalMilliseconds, reason, after);

    internal void ClearDeadline() => _deadline = null;

    /// <summary>A moment (Environment.TickCount64, milliseconds) and the reason to give when it has passed.</summary>
    internal sealed record Deadline(long At, CloseReason Reason, TimeSpan After);
}
