using System.Net.Sockets;

namespace RawEcho.Engine.Transport;

/// <summary>
/// A NetworkStream whose reads and writes run over pooled SocketAsyncEventArgs; a plain one would use the socket's own
/// (NetworkStream.ReadAsync). It remembers how the raw stream ended, because an SslStream above it says 0 for every end
/// alike, and it can be drained: told to end at the next moment when nothing is there to be read.
/// Only the asynchronous Memory overloads exist. A cancellation token is looked at when an operation starts: what is
/// under way ends when the socket is closed, since half a record is of no use to anyone.
/// </summary>
internal sealed class SocketStream(Socket socket, SocketOperation receive, SocketOperation send, ConnectionLifetime lifetime)
    : NetworkStream(socket, FileAccess.ReadWrite, ownsSocket: false)
{
    // After so many reads that found data at once, the other connections of the event loop get their turn.
    private const int ReadsBeforeYield = 128;

    private int _readsWithoutPause;
    private volatile Drain _drain;
    private volatile CloseReason _endedFor = CloseReason.Drained;

    private enum Drain
    {
        No,
        BetweenMessages,
        Now,
    }

    /// <summary>How the raw stream ended; <see cref="CloseReason.None"/> while it is open.</summary>
    public CloseReason RawEnd => receive switch
    {
        { WaitEndedEarly: true } => _endedFor,
        { ReceiveEnd: null } => CloseReason.None,
        { ReceiveEnd: SocketError.Success } => CloseReason.PeerClosed,
        { ReceiveEnd: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown } => CloseReason.PeerReset,
        _ => CloseReason.TransportError,
    };

    /// <summary>Where continuations run: on the event loop, or on the thread pool.</summary>
    public bool CompletesInline
    {
        get => receive.CompletesInline;
        set => receive.CompletesInline = send.CompletesInline = value;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (RawEnd != CloseReason.None) return new ValueTask<int>(0);
        ValueTask<int> read = buffer.IsEmpty ? receive.WaitAsync(Socket) : receive.ReceiveAsync(Socket, buffer);
        if (receive.ResultPending)
        {
            _readsWithoutPause = 0;
            if (buffer.IsEmpty) EndWaitIfDraining();
            return read;
        }

        if (++_readsWithoutPause < ReadsBeforeYield) return read;
        _readsWithoutPause = 0;
        return receive.YieldAsync();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return send.SendAsync(Socket, buffer);
    }

    /// <summary>
    /// From now on the stream ends as soon as it would have to wait. Waits, and only they, are the moments at which no
    /// part of a record is in hand. May be called from any thread, and again to insist.
    /// </summary>
    /// <param name="evenInsideMessage">False: not while <see cref="ConnectionLifetime.ExpectsMore"/>.</param>
    /// <param name="reason">What <see cref="RawEnd"/> is to say; the first one stands.</param>
    public void BeginDrain(bool evenInsideMessage, CloseReason reason = CloseReason.Drained)
    {
        if (_drain == Drain.No) _endedFor = reason;
        _drain = evenInsideMessage ? Drain.Now : Drain.BetweenMessages;
        Interlocked.MemoryBarrier();
        EndWaitIfDraining();
    }

    /// <summary>Ends the stream now, if nothing of it is in hand. May be called from any thread.</summary>
    /// <param name="reason">What <see cref="RawEnd"/> is to say.</param>
    /// <returns>False when the stream is not waiting.</returns>
    public bool TryEnd(CloseReason reason)
    {
        CloseReason before = _endedFor;
        _endedFor = reason;
        if (receive.TryEndWait()) return true;
        _endedFor = before;
        return false;
    }

    private void EndWaitIfDraining()
    {
        if (_drain == Drain.Now || (_drain == Drain.BetweenMessages && !lifetime.ExpectsMore)) receive.TryEndWait();
    }
}
