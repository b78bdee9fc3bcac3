using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace RawEcho.Engine.Transport;

/// <summary>
/// A NetworkStream whose reads and writes run over pooled SocketAsyncEventArgs; a plain one would use the socket's own
/// (NetworkStream.ReadAsync). It remembers how the raw stream ended, because an SslStream above it says 0 for every end
/// alike, and it can be drained: told to end at the next moment when nothing is there to be read.
/// Only the asynchronous Memory overloads exist. A cancellation token is looked at when an operation starts: what is
/// under way ends when the socket is closed, since half a record is of no use to anyone.
/// Here, and nowhere else, the result of an operation becomes what the contract of a Stream asks for: a read gives a number of bytes,
/// whatever ended it; a write that failed throws. An operation that is pending is awaited through this object, which hands all but the
/// result on, so that the translation costs neither an allocation nor a second state machine.
/// </summary>
internal sealed class SocketStream(Socket socket, ReceiveOperation receive, SendOperation send, ConnectionLifetime lifetime)
    : NetworkStream(socket, FileAccess.ReadWrite, ownsSocket: false), IValueTaskSource<int>, IValueTaskSource
{
    // After so many reads that found data at once, the other connections of the event loop get their turn.
    private const int ReadsBeforeYield = 128;

    private ReadOnlyMemory<byte> _unread;
    private int _readsWithoutPause;
    private bool _wokenUp;

    // Written by a stop, which fences after it (BeginDrain), and read by the flow that waits, which fences before it
    // (ReceiveOperation.OnStarting).
    private volatile Drain _drain;

    // Written before the wait is claimed, and read by whoever is woken up by that claim.
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
        { End: null } => CloseReason.None,
        { End: SocketError.Success } => CloseReason.PeerClosed,
        { End: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown } => CloseReason.PeerReset,
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
        if (!_unread.IsEmpty) return new ValueTask<int>(ReadAgain(buffer.Span));
        if (RawEnd != CloseReason.None) return new ValueTask<int>(0);
        if (buffer.IsEmpty) return WaitAsync();
        // A wait can complete although there is nothing to read: an event of the socket may be told of after its data was read. The
        // connection is idle then, so the read goes back to waiting, which a stop can end.
        return _wokenUp ? ReceiveOrWaitAsync(buffer) : ReceiveAsync(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ValueTask<SocketResult> sending = send.SendAsync(Socket, buffer);
        if (!sending.IsCompleted) return new ValueTask(this, send.Token);
        ThrowUnlessSent(sending.Result);
        return ValueTask.CompletedTask;
    }

    /// <summary>Gives bytes back that were read too far. Not while a read is under way.</summary>
    public void Unread(ReadOnlyMemory<byte> data) => _unread = data;

    /// <summary>
    /// From now on the stream ends as soon as it would have to wait while it is idle. May be called from any thread, and again to
    /// insist.
    /// </summary>
    /// <param name="evenInsideMessage">False: not while <see cref="ConnectionLifetime.ExpectsMore"/>.</param>
    /// <param name="reason">What <see cref="RawEnd"/> is to say; the first one stands.</param>
    public void BeginDrain(bool evenInsideMessage, CloseReason reason = CloseReason.Drained)
    {
        if (_drain == Drain.No) _endedFor = reason;
        _drain = evenInsideMessage ? Drain.Now : Drain.BetweenMessages;
        // Pairs with the exchange in ReceiveOperation.OnStarting, and with the decrement in ConnectionActivity.Leave. Here the stop is
        // made known first, and whether the stream waits is read then; there the other way round. Without a fence on both sides each
        // could miss the other, and an idle connection would be aborted when the drain's time is over, instead of ended at once.
        Interlocked.MemoryBarrier();
        EndWaitIfDraining();
    }

    /// <summary>Ends the stream now, if it is idle. May be called from any thread.</summary>
    /// <param name="reason">What <see cref="RawEnd"/> is to say.</param>
    /// <returns>False when the stream is not waiting.</returns>
    public bool TryEnd(CloseReason reason)
    {
        CloseReason before = _endedFor;
        _endedFor = reason;
        // What it waits for is the rest of a message, then, which is not idle.
        if (!lifetime.Activity.IsBusy && receive.TryEndWait(Socket)) return true;
        _endedFor = before;
        return false;
    }

    /// <summary>Ends the wait that is under way, if a stop or a limit has asked for it and the connection is idle.</summary>
    public void EndWaitIfDraining()
    {
        if (lifetime.Activity.IsBusy) return;
        if (_drain == Drain.Now || (_drain == Drain.BetweenMessages && !lifetime.ExpectsMore)) receive.TryEndWait(Socket);
    }

    private int ReadAgain(Span<byte> buffer)
    {
        ReadOnlySpan<byte> now = _unread.Span[..Math.Min(buffer.Length, _unread.Length)];
        now.CopyTo(buffer);
        // Not an empty rest of it, which would keep the array for as long as the connection lives.
        _unread = now.Length < _unread.Length ? _unread[now.Length..] : default;
        return now.Length;
    }

    private ValueTask<int> WaitAsync()
    {
        _wokenUp = true;
        ValueTask<SocketResult> wait = receive.WaitAsync(Socket);
        if (wait.IsCompletedSuccessfully) return new ValueTask<int>(wait.Result.Bytes);
        _readsWithoutPause = 0;
        EndWaitIfDraining();
        return new ValueTask<int>(this, receive.Token);
    }

    private ValueTask<int> ReceiveOrWaitAsync(Memory<byte> buffer)
    {
        if (!receive.TryReceive(Socket, buffer.Span, out SocketResult result)) return WaitAndReceiveAsync(buffer);
        _wokenUp = false;
        return ReceivedAtOnce(result);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAndReceiveAsync(Memory<byte> buffer)
    {
        SocketResult result;
        do
        {
            await WaitAsync();
            if (RawEnd != CloseReason.None) return 0;
        }
        while (!receive.TryReceive(Socket, buffer.Span, out result));
        _wokenUp = false;
        return result.Bytes;
    }

    private ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        ValueTask<SocketResult> receiving = receive.ReceiveAsync(Socket, buffer);
        if (receiving.IsCompletedSuccessfully) return ReceivedAtOnce(receiving.Result);
        _readsWithoutPause = 0;
        return new ValueTask<int>(this, receive.Token);
    }

    private ValueTask<int> ReceivedAtOnce(SocketResult result) =>
        ++_readsWithoutPause < ReadsBeforeYield ? new ValueTask<int>(result.Bytes) : YieldAsync(result.Bytes);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> YieldAsync(int received)
    {
        _readsWithoutPause = 0;
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return received;
    }

    int IValueTaskSource<int>.GetResult(short token) => receive.GetResult(token).Bytes;

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => receive.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        receive.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token) => ThrowUnlessSent(send.GetResult(token));

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => send.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        send.OnCompleted(continuation, state, token, flags);

    private void ThrowUnlessSent(SocketResult result)
    {
        if (!result.IsSuccess) throw new IOException("The peer could not be written to.", new SocketException((int)result.Error));
        if (result.Bytes != send.Count) throw new IOException($"The socket took {result.Bytes} of {send.Count} bytes.");
    }
}
