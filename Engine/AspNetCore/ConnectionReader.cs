using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using IntAwaiter = System.Runtime.CompilerServices.ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter;

namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// What a connection receives, as a pipe. It differs from PipeReader.Create(stream) in three things: a read that is cancelled leaves the
/// wait for data under way, and the next read takes it over, so that nothing of a TLS record is lost; an idle connection holds no buffer;
/// and as soon as all was examined it looks ahead, by one buffer at most, so that the end of a connection is noticed while the application
/// works on a request.
/// </summary>
/// <remarks>
/// One consumer reads; cancelling and stopping may come from any thread. A fill (a wait for data, then one receive) runs on the thread that
/// began it or that completes its I/O, and going on with the consumer is the last thing that it does: so a consumer that blocks its
/// thread and reads on from another one finds nothing locked.
/// </remarks>
internal sealed class ConnectionReader : PipeReader, IValueTaskSource<ReadResult>, IThreadPoolWorkItem, IWaiter
{
    // Less room than this in the last buffer is not worth a receive.
    private const int LeastRoom = 1024;

    private readonly Connection _connection;
    private readonly IPipeOwner _owner;
    private readonly Action _onWaited;
    private readonly Action _onReceived;
    private readonly Lock _lock = new();

    // The read that waits. Under the lock until somebody has claimed it by _isReading; the claimer alone completes it.
    private ManualResetValueTaskSourceCore<ReadResult> _source;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _cancelledBy;
    private ReadResult _result;
    private Exception? _resultFailure;
    private bool _isReading;
    private bool _cancelNext;

    // The fill that is under way; what it awaits belongs to it alone.
    private IntAwaiter _operation;
    private bool _isFilling;
    private bool _receivesIntoTail;
    private IMemoryOwner<byte>? _receivesInto;
    private TaskCompletionSource? _whenFilled;

    // What was received. Positions count from the begin of the connection.
    private ReadSegment? _head;
    private ReadSegment? _tail;
    private ReadSegment? _spare;
    private long _consumed;
    private long _examined;
    private long _received;
    private bool _hasEnded;
    private bool _isComplete;
    private Exception? _failure;

    /// <param name="connection">What is read from.</param>
    /// <param name="owner">Is told of the end.</param>
    public ConnectionReader(Connection connection, IPipeOwner owner)
    {
        _connection = connection;
        _owner = owner;
        _onWaited = OnWaited;
        _onReceived = OnReceived;
    }

    /// <summary>True once something was received. Any thread may ask.</summary>
    public bool HasReceived => Volatile.Read(ref _received) > 0;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        bool begins;
        lock (_lock)
        {
            ThrowIfUnreadable();
            if (TryTake(out ReadResult result)) return new ValueTask<ReadResult>(result);
            _source.Reset();
            _isReading = true;
            begins = TryBeginFill();
        }

        // Before the fill, which may complete the read at once.
        if (cancellationToken.CanBeCanceled) _cancellation = cancellationToken.UnsafeRegister(CancelRead, this);
        if (begins) Fill();
        return new ValueTask<ReadResult>(this, _source.Version);
    }

    public override bool TryRead(out ReadResult result)
    {
        bool begins;
        lock (_lock)
        {
            ThrowIfUnreadable();
            if (TryTake(out result)) return true;
            begins = TryBeginFill();
        }

        if (!begins) return false;
        Fill();
        lock (_lock) return TryTake(out result);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        bool looksAhead;
        lock (_lock)
        {
            if (_isComplete) throw new InvalidOperationException("Reading is not allowed after reader was completed.");
            // Without segments the result was empty: nothing of what may have come since was seen.
            if (consumed.GetObject() is ReadSegment from && examined.GetObject() is ReadSegment until)
                Advance(from.RunningIndex + consumed.GetInteger(), until.RunningIndex + examined.GetInteger());
            looksAhead = _examined == _received && TryBeginFill();
        }

        if (looksAhead) Fill();
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        lock (_lock)
        {
            if (!TryClaimRead())
            {
                _cancelNext = true;
                return;
            }
        }

        GoOnOnPool();
    }

    public override void Complete(Exception? exception = null)
    {
        lock (_lock)
        {
            _isComplete = true;
            ReleaseAll();
        }
    }

    /// <summary>
    /// Ends reading for good, and completes when nothing of it is under way any more: a wait for data ends at once, a receive in the middle
    /// of a record is aborted after <see cref="EngineOptions.CloseTimeout"/>. The connection must not count as busy.
    /// </summary>
    public Task StopAsync()
    {
        Task whenFilled;
        lock (_lock)
        {
            _isComplete = true;
            ReleaseAll();
            if (!_isFilling) return Task.CompletedTask;
            _whenFilled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            whenFilled = _whenFilled.Task;
        }

        _connection.EndWhenIdle();
        return whenFilled;
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        // Waits for a callback that is under way: it must not meet the next read.
        _cancellation.Dispose();
        _cancellation = default;
        GuardedThread.NoteRun();
        return _source.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, BlockingWatch.Without(flags));

    /// <summary>Completes the read that was cancelled.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        ReadResult result;
        CancellationToken cancelledBy;
        lock (_lock)
        {
            (cancelledBy, _cancelledBy) = (_cancelledBy, default);
            result = new ReadResult(Unconsumed(), isCanceled: true, isCompleted: _hasEnded);
        }

        Resume(result, cancelledBy.IsCancellationRequested ? new OperationCanceledException(cancelledBy) : null);
    }

    void IWaiter.Resume()
    {
        (ReadResult result, Exception? failure) = (_result, _resultFailure);
        (_result, _resultFailure) = (default, null);
        if (failure is null) _source.SetResult(result);
        else _source.SetException(failure);
    }

    private static void CancelRead(object? state, CancellationToken cancellation)
    {
        var reader = (ConnectionReader)state!;
        lock (reader._lock)
        {
            if (!reader.TryClaimRead()) return;
            reader._cancelledBy = cancellation;
        }

        reader.GoOnOnPool();
    }

    // Whoever cancels, the server's heartbeat or a stop, does not run the application.
    private void GoOnOnPool() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    private void ThrowIfUnreadable()
    {
        if (_isComplete) throw new InvalidOperationException("Reading is not allowed after reader was completed.");
        if (_isReading) throw new InvalidOperationException("Concurrent reads are not supported.");
    }

    private bool TryClaimRead()
    {
        bool isMine = _isReading;
        _isReading = false;
        return isMine;
    }

    private bool TryTake(out ReadResult result)
    {
        bool isCanceled = _cancelNext;
        _cancelNext = false;
        bool hasNews = _examined < _received;
        result = default;
        if (!isCanceled && !hasNews && !_hasEnded) return false;
        if (!isCanceled && !hasNews && _failure is { } failure) throw failure;
        result = new ReadResult(Unconsumed(), isCanceled, _hasEnded && _failure is null);
        return true;
    }

    private ReadOnlySequence<byte> Unconsumed() =>
        _head is null || _tail is null
            ? ReadOnlySequence<byte>.Empty
            : new ReadOnlySequence<byte>(_head, (int)(_consumed - _head.RunningIndex), _tail, _tail.Memory.Length);

    private void Advance(long consumed, long examined)
    {
        if (consumed < _consumed || consumed > _received || examined > _received || examined < consumed)
            throw new InvalidOperationException("The positions do not belong to what was read last.");
        _consumed = consumed;
        _examined = examined;
        while (_head is { } segment && segment.End <= consumed)
        {
            // A receive is under way into the rest of it.
            if (segment == _tail && _receivesIntoTail) break;
            _head = segment.Following;
            if (_head is null) _tail = null;
            segment.Release();
            _spare ??= segment;
        }
    }

    private void ReleaseAll()
    {
        while (_head is { } segment && !(segment == _tail && _receivesIntoTail))
        {
            _head = segment.Following;
            if (_head is null) _tail = null;
            segment.Release();
        }

        _consumed = _examined = _received;
    }

    private bool TryBeginFill()
    {
        if (_isFilling || _hasEnded || _isComplete) return false;
        _isFilling = true;
        return true;
    }

    private void Fill()
    {
        try
        {
            _operation = AwaiterOf(_connection.WaitForDataAsync());
            if (_operation.IsCompleted) OnWaited();
            else _operation.UnsafeOnCompleted(_onWaited);
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    private void OnWaited()
    {
        Memory<byte> room;
        try
        {
            TakeOperation();
            if (!TryMakeRoom(out room)) return;
            _operation = AwaiterOf(_connection.ReadAsync(room));
            if (!_operation.IsCompleted)
            {
                _operation.UnsafeOnCompleted(_onReceived);
                return;
            }
        }
        catch (Exception e)
        {
            Fail(e);
            return;
        }

        OnReceived();
    }

    private void OnReceived()
    {
        int bytes;
        try
        {
            bytes = TakeOperation();
        }
        catch (Exception e)
        {
            Fail(e);
            return;
        }

        if (bytes == 0) End(ConnectionErrors.OfEnd(_connection.EndOfStream));
        else Publish(bytes);
    }

    // The consumer's context is its own affair.
    private static IntAwaiter AwaiterOf(ValueTask<int> operation) => operation.ConfigureAwait(false).GetAwaiter();

    private int TakeOperation()
    {
        IntAwaiter operation = _operation;
        _operation = default;
        return operation.GetResult();
    }

    // False when reading was stopped meanwhile.
    private bool TryMakeRoom(out Memory<byte> room)
    {
        lock (_lock)
        {
            room = default;
            if (_isComplete)
            {
                EndFill();
                return false;
            }

            _receivesIntoTail = _tail?.Free.Length >= LeastRoom;
            if (!_receivesIntoTail) _receivesInto = _connection.RentBuffer();
            room = _receivesIntoTail ? _tail!.Free : _receivesInto!.Memory;
            return true;
        }
    }

    private void Publish(int bytes)
    {
        bool isAwaited;
        ReadResult result = default;
        lock (_lock)
        {
            Append(bytes);
            isAwaited = TryClaimRead();
            if (isAwaited) TryTake(out result);
            EndFill();
        }

        if (isAwaited) Resume(result, failure: null);
    }

    private void Append(int bytes)
    {
        if (!_receivesIntoTail)
        {
            ReadSegment segment = _spare ?? new ReadSegment();
            _spare = null;
            segment.Begin(_receivesInto!, _received);
            _receivesInto = null;
            _tail?.Link(segment);
            _head ??= segment;
            _tail = segment;
        }

        _receivesIntoTail = false;
        _tail!.Append(bytes);
        _received += bytes;
        if (_isComplete) ReleaseAll();
    }

    private void Fail(Exception exception) => End(ConnectionErrors.Of(exception, _connection));

    private void End(Exception? failure)
    {
        _owner.OnInputEnding(failure);
        bool isAwaited;
        ReadResult result;
        lock (_lock)
        {
            _receivesInto?.Dispose();
            _receivesInto = null;
            _receivesIntoTail = false;
            _failure = failure;
            _hasEnded = true;
            if (_isComplete) ReleaseAll();
            isAwaited = TryClaimRead();
            result = new ReadResult(Unconsumed(), isCanceled: false, isCompleted: true);
            EndFill();
        }

        // The consumer first, if it waits: one that is idle then ends the connection in order, before others hear of it and abort it.
        if (isAwaited) Resume(result, failure);
        _owner.OnInputEnded();
    }

    private void Resume(ReadResult result, Exception? failure)
    {
        (_result, _resultFailure) = (result, failure);
        _owner.Resume(this);
    }

    // In the same hold of the lock in which its result becomes visible: whoever sees that may need the next fill.
    private void EndFill()
    {
        _isFilling = false;
        _whenFilled?.TrySetResult();
    }
}
