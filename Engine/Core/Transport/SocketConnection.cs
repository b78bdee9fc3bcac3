using System.Net.Sockets;
using RawEcho.Engine.Buffers;

namespace RawEcho.Engine.Transport;

/// <summary>A connection over one connected socket. Owns the socket and two rented SocketAsyncEventArgs, one for each direction.</summary>
internal sealed class SocketConnection : Connection
{
    private readonly Socket _socket;
    private readonly SocketOperationPool _operations;
    private readonly ReceiveOperation _receive;
    private readonly SendOperation _send;
    private readonly SocketStream _stream;

    public SocketConnection(long id, Socket socket, SocketOperationPool operations, ConnectionServices services, object? state)
        : base(new ConnectionLifetime(id, socket.LocalEndPoint, socket.RemoteEndPoint, services) { State = state })
    {
        _socket = socket;
        _socket.NoDelay = true;
        _operations = operations;
        _receive = operations.Receive.Rent();
        SendOperation? send = null;
        try
        {
            _send = send = operations.Send.Rent();
            _stream = new SocketStream(socket, _receive, _send, Lifetime) { CompletesInline = true };
            // After the stream is made, which asks for a blocking socket. Asynchronous operations do not block in either case: this is for
            // ReceiveOperation.TryReceive.
            _socket.Blocking = false;
            Lifetime.Activity.OnIdle = _stream.EndWaitIfDraining;
        }
        catch
        {
            // The peer has gone already, or there are no args left.
            operations.Receive.Return(_receive);
            if (send is not null) operations.Send.Return(send);
            throw;
        }
    }

    /// <summary>Since when a send has been stuck (Environment.TickCount64); 0 when none is.</summary>
    public long SendPendingSince => _send.PendingSince;

    /// <summary>Bytes that the socket has received, whatever they were.</summary>
    public long BytesReceived => _receive.BytesReceived;

    /// <summary>What of it brought no data; the sweep over all connections alone uses it.</summary>
    public DatalessBudget Dataless { get; } = new();

    protected internal override Stream Stream => _stream;

    protected internal override CloseReason TransportEnd => _stream.RawEnd;

    public override TcpStatistics? Tcp => TcpInfo.Of(_socket);

    public override bool CompletesInline
    {
        get => _stream.CompletesInline;
        set => _stream.CompletesInline = value;
    }

    /// <summary>Ends the stream at the next moment when it is idle. See <see cref="SocketStream.BeginDrain"/>.</summary>
    public void BeginDrain(bool evenInsideMessage, CloseReason reason = CloseReason.Drained)
    {
        if (!Lifetime.Established)
        {
            Abort(reason);
            return;
        }

        _stream.BeginDrain(evenInsideMessage, reason);
        Lifetime.RequestEnd(reason);
    }

    /// <summary>Ends the connection in order for <paramref name="reason"/>, if it is only waiting.</summary>
    /// <returns>False when it is at work.</returns>
    public bool TryEndInOrder(CloseReason reason, string detail)
    {
        if (!_stream.TryEnd(reason)) return false;
        Lifetime.TryEnd(reason, detail);
        return true;
    }

    /// <summary>
    /// Sends FIN and waits for the peer's: closing a socket with unread bytes in it would
    /// send a reset, and that destroys what the peer has not read yet. The caller bounds the wait with a deadline.
    /// </summary>
    public async Task CloseAsync()
    {
        // A peer that closed first has sent all it had, and all of it was read.
        if (Lifetime.End.Reason == CloseReason.PeerClosed) return;
        // A handler that left a read under way has taken the means to wait for the peer.
        if (_receive.ResultPending && !_receive.WaitEndedEarly) return;
        try
        {
            CompletesInline = false;
            _socket.Shutdown(SocketShutdown.Send);
            if (_receive.WaitEndedEarly) await _receive.WhenReleased();
            using var discard = Lifetime.Services.Buffers.Rent(BufferPool.SmallBlock);
            while (_receive.End is null) await _receive.ReceiveAsync(_socket, discard.Memory);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer, or a deadline, was quicker: then there is nothing left to close.
        }
    }

    /// <summary>Closes the socket and gives the args back, each after its last completion.</summary>
    public async ValueTask FreeAsync()
    {
        _socket.Dispose();
        await _receive.WhenReleased();
        await _send.WhenReleased();
        try
        {
            await _stream.DisposeAsync();
        }
        finally
        {
            _operations.Receive.Return(_receive);
            _operations.Send.Return(_send);
        }
    }

    /// <inheritdoc/>
    public override void EndWhenIdle()
    {
        Lifetime.SetDeadline(Lifetime.Services.CloseTimeout, CloseReason.LocalClosed);
        _stream.BeginDrain(evenInsideMessage: true);
    }

    internal override void Unread(ReadOnlyMemory<byte> data) => _stream.Unread(data);

    protected internal override void AbortTransport() => _socket.Dispose();
}
