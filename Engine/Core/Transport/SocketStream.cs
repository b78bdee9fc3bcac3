using System.Net.Sockets;
using System.Runtime.CompilerServices;

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
    private bool _wokenUp;
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
        if (buffer.IsEmpty) return WaitAsync();
        // A wait can complete although there is nothing to read: an event of the socket may be told of after its data was read. Nothing is in
        // hand then, so the read goes back to waiting, which a stop can end.
        return _wokenUp ? ReceiveOrWaitAsync(buffer) : ReceiveAsync(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return send.SendAsync(Socket, buffer);
    }

    /// <summary>
    /// From now on the stream ends as soon as it would have to wait with nothing in hand. May be called from any thread, and again to
    /// insist.
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
        // What it waits for is the rest of a message, then, which is not idle.
        if (!lifetime.Activity.IsBusy && receive.TryEndWait()) return true;
        _endedFor = before;
        return false;
    }

    private ValueTask<int> WaitAsync()
    {
        _wokenUp = true;
        ValueTask<int> wait = receive.WaitAsync(Socket);
        if (receive.ResultPending)
        {
            _readsWithoutPause = 0;
            EndWaitIfDraining();
        }

        return wait;
    }

    private ValueTask<int> ReceiveOrWaitAsync(Memory<byte> buffer)
    {
        if (!receive.TryReceive(Socket, buffer, out int received)) return WaitAndReceiveAsync(buffer);
        _wokenUp = false;
        return ++_readsWithoutPause < ReadsBeforeYield ? new ValueTask<int>(received) : YieldAsync(received);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAndReceiveAsync(Memory<byte> buffer)
    {
        int received;
        do
        {
            await WaitAsync();
            if (RawEnd != CloseReason.None) return 0;
        }
        while (!receive.TryReceive(Socket, buffer, out received));
        _wokenUp = false;
        return received;
    }

    private async ValueTask<int> YieldAsync(int received)
    {
        _readsWithoutPause = 0;
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return received;
    }

    private ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        ValueTask<int> read = receive.ReceiveAsync(Socket, buffer);
        if (receive.ResultPending)
        {
            _readsWithoutPause = 0;
            return read;
        }

        if (++_readsWithoutPause < ReadsBeforeYield) return read;
        _readsWithoutPause = 0;
        return receive.YieldAsync();
    }

    /// <summary>Ends the wait that is under way, if a stop or a limit has asked for it and nothing is in hand.</summary>
    public void EndWaitIfDraining()
    {
        if (lifetime.Activity.IsBusy) return;
        if (_drain == Drain.Now || (_drain == Drain.BetweenMessages && !lifetime.ExpectsMore)) receive.TryEndWait();
    }
}
