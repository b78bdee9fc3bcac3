using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using RawEcho.Engine.Buffers;

namespace RawEcho.Engine.Transport;

/// <summary>
/// SocketAsyncEventArgs that can be awaited: operation and IValueTaskSource in one object, so that an operation allocates nothing. One
/// operation at a time, awaited once by one awaiter.
/// What it does not do, on purpose: it captures neither ExecutionContext nor SynchronizationContext; it takes no cancellation token,
/// because an operation ends when it completes or when its socket is closed; and it never faults: the result says what went wrong, and
/// whoever needs an exception makes one (<see cref="SocketStream"/>). An operation that cannot even be started (its socket is closed)
/// throws from the call.
/// </summary>
internal abstract class SocketOperation()
    : SocketAsyncEventArgs(/* unsafeSuppressExecutionContext */ true), IValueTaskSource<SocketResult>, IThreadPoolWorkItem, IPooled
{
    // In place of a continuation: the operation is complete.
    private static readonly Action<object?> Done = _ => throw new UnreachableException();

    private Action<object?>? _continuation;
    private object? _state;
    private TaskCompletionSource? _whenReleased;
    private int _poolMark;
    private short _token;
    private bool _inFlight;
    private bool _resultPending;

    /// <summary>False for args that no pool has made and none takes back.</summary>
    public bool IsPooled { get; init; } = true;

    /// <summary>Where continuations run: on the thread that completed the operation, or on the thread pool.</summary>
    public bool CompletesInline { get; set; }

    /// <summary>True from the start of an operation until its socket is done with these args.</summary>
    // Pairs with the write in LetGo: whoever sees false sees all that the socket wrote into these args before, so that they may be reused.
    public bool InFlight => Volatile.Read(ref _inFlight);

    /// <summary>True from the start of an operation that did not complete at once until its result is taken.</summary>
    // Pairs with the writes in RunAsync and TakeResult. The flow that awaits writes and asks; a test, or the pool, may ask from another
    // thread.
    public bool ResultPending => Volatile.Read(ref _resultPending);

    /// <summary>Identifies the operation that is under way, for a ValueTask over these args.</summary>
    public short Token => _token;

    ref int IPooled.PoolMark => ref _poolMark;

    /// <summary>What the operation came to, once it is complete.</summary>
    protected virtual SocketResult Result => new(SocketError == SocketError.Success ? BytesTransferred : 0, SocketError);

    /// <summary>Completes when the socket is done with these args, after a wait that was ended early or a socket that was closed.</summary>
    public Task WhenReleased()
    {
        if (!InFlight) return Task.CompletedTask;
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Pairs with LetGo: here the source is written first and the mark read then, there the other way round, with a full fence between
        // the two on both sides. One of them sees the other's; without the fences both could miss, and this task would never complete.
        source = Interlocked.CompareExchange(ref _whenReleased, source, null) ?? source;
        if (!InFlight) source.TrySetResult();
        return source.Task;
    }

    /// <summary>Forgets socket, buffer and awaiter, so that a pooled item keeps nothing alive.</summary>
    public virtual void Clear()
    {
        SetBuffer(null, 0, 0);
        _continuation = null;
        _state = null;
        _whenReleased = null;
        CompletesInline = false;
    }

    public SocketResult GetResult(short token)
    {
        CheckToken(token);
        _token++;
        return TakeResult();
    }

    public ValueTaskSourceStatus GetStatus(short token)
    {
        CheckToken(token);
        // Pairs with the exchange in Complete: whoever sees the mark sees the result.
        return ReferenceEquals(Volatile.Read(ref _continuation), Done) ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        CheckToken(token);
        _state = state;
        // Pairs with Complete: one of the two finds what the other has left, and runs the continuation. Being a full fence, it also
        // shows the state to whoever sees the continuation.
        if (Interlocked.CompareExchange(ref _continuation, continuation, null) is null) return;
        ThreadPool.UnsafeQueueUserWorkItem(continuation, state, preferLocal: true);
    }

    /// <summary>Starts the operation that these args are for.</summary>
    /// <returns>True when it is pending, false when it completed at once.</returns>
    protected abstract bool Start(Socket socket);

    /// <summary>Makes the operation known to others who may complete it, just before it is started.</summary>
    protected virtual void OnStarting(Socket socket)
    {
    }

    /// <summary>Takes the right to complete the operation, where more than the socket may do that.</summary>
    /// <returns>False when somebody else has it.</returns>
    protected virtual bool TryClaim() => true;

    /// <summary>Takes note of a completion, before anybody hears of it.</summary>
    protected virtual void OnFinished()
    {
    }

    /// <summary>To be called before anything of these args is changed for a new operation.</summary>
    protected void ThrowIfUnderWay()
    {
        // That the socket holds them SocketAsyncEventArgs would say themselves, if their buffer is set; not that a result was not taken.
        if (InFlight || ResultPending)
            throw new InvalidOperationException("These args have an operation that is under way, or whose result was not taken.");
    }

    protected ValueTask<SocketResult> RunAsync(Socket socket)
    {
        _continuation = null;
        // Of an operation before: completed, and nobody waits for it any more.
        _whenReleased = null;
        // Both pair with the reads of the properties: whoever sees the operation sees what it was prepared with.
        Volatile.Write(ref _inFlight, true);
        Volatile.Write(ref _resultPending, true);
        // Only now: what was written above belongs to this operation. Completed by somebody else before it, it would meet the mark
        // of the one before, or lose its own.
        OnStarting(socket);
        try
        {
            if (Start(socket)) return new ValueTask<SocketResult>(this, _token);
        }
        catch
        {
            // The socket is closed, and nothing was started. If somebody has just completed this operation, that stands.
            LetGo();
            if (!TryClaim()) return new ValueTask<SocketResult>(this, _token);
            Volatile.Write(ref _resultPending, false);
            throw;
        }

        LetGo();
        if (!TryClaim()) return new ValueTask<SocketResult>(this, _token);
        OnFinished();
        return new ValueTask<SocketResult>(TakeResult());
    }

    /// <summary>Completes the operation on the thread pool. Only for whoever has claimed it.</summary>
    protected void CompleteOnPool() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        bool isMine = TryClaim();
        LetGo();
        // Completed by somebody else: its awaiter has gone on, and must find nothing changed.
        if (!isMine) return;
        OnFinished();
        if (CompletesInline) Complete();
        else CompleteOnPool();
    }

    void IThreadPoolWorkItem.Execute() => Complete();

    private void Complete()
    {
        // Null: nobody awaits yet, and whoever comes finds the mark. The exchange decides that race once. The read pairs with the
        // exchange in OnCompleted: a plain one could give the continuation and a state from before it.
        Action<object?>? continuation = Volatile.Read(ref _continuation) ?? Interlocked.CompareExchange(ref _continuation, Done, null);
        if (continuation is null) return;
        _continuation = Done;
        continuation(_state);
    }

    private SocketResult TakeResult()
    {
        Volatile.Write(ref _resultPending, false);
        return Result;
    }

    private void LetGo()
    {
        // Pairs with WhenReleased, which says how.
        Volatile.Write(ref _inFlight, false);
        Interlocked.Exchange(ref _whenReleased, null)?.TrySetResult();
    }

    private void CheckToken(short token)
    {
        if (token != _token) throw new InvalidOperationException("The result of a socket operation was taken twice.");
    }
}
