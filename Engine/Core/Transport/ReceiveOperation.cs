using System.Net.Sockets;

namespace RawEcho.Engine.Transport;

/// <summary>Receives, or waits until there is something to receive. It remembers how receiving ended.</summary>
internal sealed class ReceiveOperation : SocketOperation
{
    private bool _isWait;

    // The socket whose wait is under way, until somebody claims the right to complete it. It is the socket, and not a mark, because whoever
    // ends a wait may hold on to a connection that is gone, and these args may be another one's by then.
    private Socket? _waitsFor;

    private long _bytesReceived;

    /// <summary>
    /// How receiving ended: Success for FIN, otherwise the error; null while there may be more. It stays, because the
    /// kernel reports an error once, and a later receive would take it for a FIN.
    /// </summary>
    public SocketError? End { get; private set; }

    /// <summary>True after <see cref="TryEndWait"/>: the socket may hold these args until it is closed.</summary>
    public bool WaitEndedEarly { get; private set; }

    /// <summary>Bytes received over these args since they were rented.</summary>
    // Pairs with the write in TakeNote: LimitEnforcer reads this before it reads the data that came of it, and the acquire keeps that
    // order. Read in the other order, bytes whose data is not yet counted would look like a flood of records without any.
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    protected override SocketResult Result => WaitEndedEarly ? default : base.Result;

    /// <summary>Receives what there is, at least one byte; 0 bytes at the end of the stream, or on an error.</summary>
    public ValueTask<SocketResult> ReceiveAsync(Socket socket, Memory<byte> buffer)
    {
        Prepare(buffer, isWait: false);
        return RunAsync(socket);
    }

    /// <summary>Receives what is there now. The socket is not a blocking one.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Where to; not empty.</param>
    /// <param name="result">What a receive would have come to.</param>
    /// <returns>False when there is nothing yet.</returns>
    public bool TryReceive(Socket socket, Span<byte> buffer, out SocketResult result)
    {
        int bytes = socket.Receive(buffer, SocketFlags.None, out SocketError error);
        result = new SocketResult(error == SocketError.Success ? bytes : 0, error);
        if (error is SocketError.WouldBlock or SocketError.IOPending) return false;
        TakeNote(result);
        return true;
    }

    /// <summary>Completes when there is something to receive, or when <see cref="TryEndWait"/> says not to wait any longer.</summary>
    public ValueTask<SocketResult> WaitAsync(Socket socket)
    {
        Prepare(Memory<byte>.Empty, isWait: true);
        return RunAsync(socket);
    }

    /// <summary>
    /// Ends a wait now, as if there were something to receive, although the socket still holds these args. May be called from any thread,
    /// and at any time.
    /// </summary>
    /// <param name="socket">Whose wait.</param>
    /// <returns>False when no wait of this socket is under way, or when it has just completed of itself.</returns>
    public bool TryEndWait(Socket socket)
    {
        // Pairs with the exchange in TryClaim, as it says.
        if (Interlocked.CompareExchange(ref _waitsFor, null, socket) != socket) return false;
        // Shown to the awaiter by the queue of the thread pool.
        WaitEndedEarly = true;
        CompleteOnPool();
        return true;
    }

    public override void Clear()
    {
        base.Clear();
        End = null;
        // Otherwise the next connection with these args would find its stream at an end before its first byte.
        WaitEndedEarly = false;
        _bytesReceived = 0;
    }

    // Pairs with the fence in SocketStream.BeginDrain. Here the wait is made known first, and whether a stop was asked for is read then
    // (SocketStream.WaitAsync); there it is the other way round. Without a full fence on both sides each could miss the other, and the wait
    // would go on until the drain's time is over.
    protected override void OnStarting(Socket socket)
    {
        if (_isWait) Interlocked.Exchange(ref _waitsFor, socket);
    }

    protected override bool Start(Socket socket) => socket.ReceiveAsync(this);

    // Socket, drain and a wait that completes at once compete for the one right to complete it; an exchange gives it to one of them.
    // Without it the awaiter would go on twice, the second time in the middle of an operation that it began meanwhile.
    protected override bool TryClaim() => !_isWait || Interlocked.Exchange(ref _waitsFor, null) is not null;

    protected override void OnFinished()
    {
        // Of a wait only an error says anything: 0 bytes are what it asked for.
        if (!_isWait || SocketError != SocketError.Success) TakeNote(Result);
    }

    private void Prepare(Memory<byte> buffer, bool isWait)
    {
        ThrowIfUnderWay();
        SetBuffer(buffer);
        _isWait = isWait;
        WaitEndedEarly = false;
    }

    private void TakeNote(SocketResult result)
    {
        if (result.Bytes == 0) End ??= result.Error;
        // Pairs with the read of BytesReceived. One flow writes.
        else Volatile.Write(ref _bytesReceived, _bytesReceived + result.Bytes);
    }
}
