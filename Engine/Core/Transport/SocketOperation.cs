using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;
using RawEcho.Engine.Buffers;

namespace RawEcho.Engine.Transport;

/// <summary>
/// One pooled SocketAsyncEventArgs that can be awaited: accepts, connects, receives or sends, one operation at a time.
/// It captures neither ExecutionContext nor SynchronizationContext, and takes no cancellation token, on purpose: an
/// operation ends when it completes or when its socket is closed.
/// Results are values (<see cref="ValueTask{T}"/> never faults: look at <see cref="SocketAsyncEventArgs.SocketError"/>), because a
/// reset is normal and costs no throw; a send is a <see cref="ValueTask"/> that throws, because whoever sends must not go on.
/// </summary>
internal sealed class SocketOperation()
    : SocketAsyncEventArgs(/* unsafeSuppressExecutionContext */ true), IValueTaskSource<int>, IValueTaskSource, IThreadPoolWorkItem, IPooled
{
    private static readonly Action<object?> Done = _ => throw new UnreachableException();

    private Action<object?>? _continuation;
    private object? _state;
    private short _version;
    private int _poolMark;
    private bool _inFlight;
    private bool _resultPending;
    private bool _isWait;
    private bool _isReceive;
    private int _waitClaimed;
    private TaskCompletionSource? _whenReleased;

    /// <summary>False for args that no pool has made and none takes back.</summary>
    public bool IsPooled { get; init; } = true;

    /// <summary>Where continuations run: on the thread that completed the operation, or on the thread pool.</summary>
    public bool CompletesInline { get; set; }

    /// <summary>True from the start of an operation until its socket is done with these args.</summary>
    public bool InFlight => Volatile.Read(ref _inFlight);

    /// <summary>True from the start of an operation that did not complete at once until its result is taken.</summary>
    public bool ResultPending => Volatile.Read(ref _resultPending);

    /// <summary>
    /// How receiving ended: Success for FIN, otherwise the error; null while there may be more. It stays, because the
    /// kernel reports an error once, and a later receive would take it for a FIN.
    /// </summary>
    public SocketError? ReceiveEnd { get; private set; }

    /// <summary>True after <see cref="TryEndWait"/>: the socket may hold these args until it is closed.</summary>
    public bool WaitEndedEarly { get; private set; }

    /// <summary>Since when a send has been under way (Environment.TickCount64); 0 when none is.</summary>
    public long PendingSince { get; private set; }

    /// <summary>Bytes received over these args since they were rented.</summary>
    public long BytesReceived { get; private set; }

    ref int IPooled.PoolMark => ref _poolMark;

    public ValueTask<int> AcceptAsync(Socket listener)
    {
        AcceptSocket = null;
        Begin();
        return Started(Start(listener, static (socket, args) => socket.AcceptAsync(args)));
    }

    public ValueTask<int> ConnectAsync(Socket socket, EndPoint remote)
    {
        RemoteEndPoint = remote;
        Begin();
        return Started(Start(socket, static (socket, args) => socket.ConnectAsync(args)));
    }

    /// <summary>Receives what there is, at least one byte, or 0 at the end of the stream or on an error.</summary>
    public ValueTask<int> ReceiveAsync(Socket socket, Memory<byte> buffer)
    {
        SetBuffer(buffer);
        Begin();
        _isReceive = true;
        return Started(Start(socket, static (socket, args) => socket.ReceiveAsync(args)));
    }

    /// <summary>Receives what is there now. The socket is not a blocking one.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Where to; not empty.</param>
    /// <param name="received">Bytes; 0 at the end of the stream or on an error, as <see cref="ReceiveEnd"/> says.</param>
    /// <returns>False when there is nothing yet.</returns>
    public bool TryReceive(Socket socket, Memory<byte> buffer, out int received)
    {
        received = socket.Receive(buffer.Span, SocketFlags.None, out SocketError error);
        if (error is SocketError.WouldBlock or SocketError.IOPending) return false;
        if (error != SocketError.Success || received == 0)
        {
            received = 0;
            ReceiveEnd ??= error;
            return true;
        }

        BytesReceived += received;
        return true;
    }

    /// <summary>Completes when there is something to receive, or when <see cref="TryEndWait"/> says not to wait any longer.</summary>
    public ValueTask<int> WaitAsync(Socket socket)
    {
        SetBuffer(Memory<byte>.Empty);
        Begin();
        Volatile.Write(ref _waitClaimed, 0);
        _isWait = true;
        if (Start(socket, static (socket, args) => socket.ReceiveAsync(args))) return new ValueTask<int>(this, _version);
        // Lost to TryEndWait: its work item will complete this wait.
        return Started(pending: !ClaimWait());
    }

    /// <summary>Sends all of <paramref name="data"/>.</summary>
    /// <exception cref="IOException">The operation failed.</exception>
    public ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> data)
    {
        SetBuffer(MemoryMarshal.AsMemory(data));
        Begin();
        PendingSince = Environment.TickCount64;
        if (Start(socket, static (socket, args) => socket.SendAsync(args))) return new ValueTask(this, _version);
        TakeSent();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Ends a wait now, as if there were something to receive, although the socket still holds these args.
    /// </summary>
    /// <returns>False when no wait is under way, or when it has just completed of itself.</returns>
    public bool TryEndWait()
    {
        if (!_isWait || !ResultPending || !ClaimWait()) return false;
        WaitEndedEarly = true;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <summary>Forgets socket, buffer and awaiter, so that a pooled item keeps nothing alive.</summary>
    public void Clear()
    {
        SetBuffer(null, 0, 0);
        AcceptSocket = null;
        RemoteEndPoint = null;
        _continuation = null;
        _state = null;
        _whenReleased = null;
        ReceiveEnd = null;
        BytesReceived = 0;
        CompletesInline = false;
    }

    /// <summary>Completes when the socket is done with these args, after a wait that was ended early or a socket that was closed.</summary>
    public Task WhenReleased()
    {
        if (!InFlight) return Task.CompletedTask;
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source = Interlocked.CompareExchange(ref _whenReleased, source, null) ?? source;
        if (!InFlight) source.TrySetResult();
        return source.Task;
    }

    /// <summary>
    /// Hands the result of an operation that completed at once to the thread pool, so that a peer who always has data
    /// ready cannot keep the event loop to itself.
    /// </summary>
    public ValueTask<int> YieldAsync()
    {
        Volatile.Write(ref _resultPending, true);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return new ValueTask<int>(this, _version);
    }

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        if (_isWait && !ClaimWait())
        {
            // The wait was ended early and its awaiter has gone on.
            LetGo();
            return;
        }

        LetGo();
        CountReceived();
        if (CompletesInline) Complete();
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => Complete();

    // Socket, drain and a wait that completes at once compete for the one right to complete it.
    private bool ClaimWait() => Interlocked.Exchange(ref _waitClaimed, 1) == 0;

    private void Complete()
    {
        // Null: nobody awaits yet, and whoever comes finds the mark. The exchange decides that race once.
        Action<object?>? continuation = _continuation ?? Interlocked.CompareExchange(ref _continuation, Done, null);
        if (continuation is null) return;
        _continuation = Done;
        continuation(_state);
    }

    private void Begin()
    {
        // That an operation is under way SocketAsyncEventArgs say themselves, when their buffer is set; not that its result was not taken.
        if (_resultPending)
            throw new InvalidOperationException("These SocketAsyncEventArgs have an operation whose result was not taken.");
        _isWait = _isReceive = false;
        WaitEndedEarly = false;
        _continuation = null;
        Volatile.Write(ref _inFlight, true);
        Volatile.Write(ref _resultPending, true);
    }

    // True when the operation is pending.
    private bool Start(Socket socket, Func<Socket, SocketAsyncEventArgs, bool> operation)
    {
        try
        {
            if (operation(socket, this)) return true;
        }
        catch
        {
            // The socket is closed, and nothing was started. If a drain has just ended this wait, that stands.
            LetGo();
            if (_isWait && !ClaimWait()) return false;
            Volatile.Write(ref _resultPending, false);
            throw;
        }

        LetGo();
        CountReceived();
        return false;
    }

    private ValueTask<int> Started(bool pending) =>
        pending ? new ValueTask<int>(this, _version) : new ValueTask<int>(TakeResult());

    private int TakeResult()
    {
        Volatile.Write(ref _resultPending, false);
        if (WaitEndedEarly) return 0;
        if (SocketError != SocketError.Success)
        {
            if (_isReceive || _isWait) ReceiveEnd ??= SocketError;
            return 0;
        }

        if (_isReceive && BytesTransferred == 0) ReceiveEnd ??= SocketError.Success;
        return BytesTransferred;
    }

    private void CountReceived()
    {
        if (_isReceive && SocketError == SocketError.Success) BytesReceived += BytesTransferred;
    }

    private void LetGo()
    {
        Volatile.Write(ref _inFlight, false);
        Interlocked.Exchange(ref _whenReleased, null)?.TrySetResult();
    }

    private void TakeSent()
    {
        Volatile.Write(ref _resultPending, false);
        PendingSince = 0;
        if (SocketError != SocketError.Success)
            throw new IOException("The peer could not be written to.", new SocketException((int)SocketError));
        if (BytesTransferred != Count)
            throw new IOException($"The socket took {BytesTransferred} of {Count} bytes.");
    }

    int IValueTaskSource<int>.GetResult(short token)
    {
        CheckToken(token);
        _version++;
        return TakeResult();
    }

    void IValueTaskSource.GetResult(short token)
    {
        CheckToken(token);
        _version++;
        TakeSent();
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => Status(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => Status(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        Attach(continuation, state, token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        Attach(continuation, state, token);

    private void Attach(Action<object?> continuation, object? state, short token)
    {
        CheckToken(token);
        _state = state;
        if (Interlocked.CompareExchange(ref _continuation, continuation, null) is null) return;
        ThreadPool.UnsafeQueueUserWorkItem(continuation, state, preferLocal: true);
    }

    private ValueTaskSourceStatus Status(short token)
    {
        CheckToken(token);
        return ReferenceEquals(Volatile.Read(ref _continuation), Done) ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;
    }

    private void CheckToken(short token)
    {
        if (token != _version) throw new InvalidOperationException("The result of a socket operation was taken twice.");
    }
}
