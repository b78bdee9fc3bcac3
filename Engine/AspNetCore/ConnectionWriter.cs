using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using RawEcho.Engine.Buffers;
using Awaiter = System.Runtime.CompilerServices.ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter;

namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// What a connection sends, as a pipe. It holds buffers only from a write to the end of the flush that sends it. Small flushes are
/// gathered: on an event loop until the end of the connection's <see cref="ApplicationTurn"/>, on the thread pool until that comes to its
/// <see cref="SendBatch"/>. A flush that is cancelled leaves the send under way, and the next one waits for it. So does a peer that takes
/// nothing keep a flush waiting, which is how Kestrel measures slow readers. After the connection has failed a flush says that the reader
/// is complete, and does not throw.
/// </summary>
/// <remarks>One producer writes; cancelling may come from any thread.</remarks>
internal sealed class ConnectionWriter : PipeWriter, IValueTaskSource<FlushResult>, IThreadPoolWorkItem, IWaiter
{
    // What is gathered before it is sent: the plaintext of one TLS record.
    private const int MaxGathered = 16 * 1024;

    private enum SendState
    {
        // Nothing is under way; what is in the queue is a turn's to send.
        Idle,

        // The thread pool will come to it.
        Scheduled,
        Sending,
    }

    private readonly Connection _connection;
    private readonly IPipeOwner _owner;
    private readonly SendBatch _batch = SendBatch.Next();
    private readonly bool _isMultiplexed;
    private readonly Action _onSent;
    private readonly Lock _lock = new();

    // What is written and not flushed yet; the producer's own.
    private IMemoryOwner<byte>? _buffer;
    private int _filled;
    private long _unflushed;

    // What is to be sent, and what is being sent. Queue and state are under the lock, the rest belongs to the send.
    private readonly SendQueue _queue = new();
    private SendState _state;
    private IMemoryOwner<byte>? _sent;
    private Awaiter _operation;
    private TaskCompletionSource? _whenSent;

    // The flush that waits.
    private ManualResetValueTaskSourceCore<FlushResult> _source;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _cancelledBy;
    private FlushResult _result;
    private Exception? _resultFailure;
    private bool _isFlushing;
    private volatile bool _cancelNext;
    private bool _isComplete;
    private volatile bool _hasFailed;

    /// <param name="connection">What is written to.</param>
    /// <param name="owner">Is told if a write fails.</param>
    /// <param name="isMultiplexed">Whether many streams share the connection, as with HTTP/2.</param>
    public ConnectionWriter(Connection connection, IPipeOwner owner, bool isMultiplexed)
    {
        _connection = connection;
        _owner = owner;
        _isMultiplexed = isMultiplexed;
        _onSent = OnSent;
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (_isComplete) throw new InvalidOperationException("Writing is not allowed after writer was completed.");
        int wanted = Math.Max(sizeHint, 1);
        if (_buffer is not null && _buffer.Memory.Length - _filled < wanted) Enqueue();
        // What does not fit into a small buffer is likely to be long, and is sent in records of the largest size then.
        _buffer ??= _connection.RentBuffer(_unflushed == 0 ? wanted : Math.Max(wanted, BufferPool.LargeBlock));
        return _buffer.Memory[_filled..];
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (bytes < 0 || bytes > (_buffer?.Memory.Length ?? 0) - _filled) throw new ArgumentOutOfRangeException(nameof(bytes));
        _filled += bytes;
        _unflushed += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        if (TryGather() || Send()) return new ValueTask<FlushResult>(TakeResult());
        lock (_lock)
        {
            if (_isFlushing) throw new InvalidOperationException("Concurrent flushes are not supported.");
            if (_state != SendState.Sending || _cancelNext) return new ValueTask<FlushResult>(TakeResult());
            _source.Reset();
            _isFlushing = true;
        }

        // The send may complete meanwhile: then the callback finds nothing to do, and is gone before the result is taken.
        if (cancellationToken.CanBeCanceled) _cancellation = cancellationToken.UnsafeRegister(CancelFlush, this);
        return new ValueTask<FlushResult>(this, _source.Version);
    }

    public override void CancelPendingFlush()
    {
        lock (_lock)
        {
            if (!TryClaimFlush())
            {
                _cancelNext = true;
                return;
            }
        }

        GoOnOnPool();
    }

    /// <summary>Sends what was written, without waiting for it; if the producer has failed, only what was flushed.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_isComplete) return;
        _isComplete = true;
        if (exception is not null)
        {
            _buffer?.Dispose();
            _buffer = null;
            _filled = 0;
        }

        Send();
    }

    /// <summary>Sends what was gathered, if nobody does so. Any thread may call this.</summary>
    public void SendGathered()
    {
        lock (_lock)
        {
            if (_state == SendState.Sending || _queue.IsEmpty) return;
            _state = SendState.Sending;
        }

        // A flush that came meanwhile waits. Others wait for this thread: the application goes on elsewhere.
        if (SendQueued(out bool isAwaited) && isAwaited)
            ThreadPool.UnsafeQueueUserWorkItem(static w => w.Resume(isCanceled: false, failure: null), this, preferLocal: false);
    }

    /// <summary>Completes when nothing is being sent any more.</summary>
    public Task StopAsync()
    {
        Complete();
        lock (_lock)
        {
            if (_state != SendState.Sending) return Task.CompletedTask;
            _whenSent ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _whenSent.Task;
        }
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        // Waits for a callback that is under way: it must not meet the next flush.
        _cancellation.Dispose();
        _cancellation = default;
        GuardedThread.NoteRun();
        return _source.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, BlockingWatch.Without(flags));

    /// <summary>Completes the flush that was cancelled.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        CancellationToken cancelledBy;
        lock (_lock) (cancelledBy, _cancelledBy) = (_cancelledBy, default);
        Resume(isCanceled: true, cancelledBy.IsCancellationRequested ? new OperationCanceledException(cancelledBy) : null);
    }

    void IWaiter.Resume()
    {
        (FlushResult result, Exception? failure) = (_result, _resultFailure);
        _resultFailure = null;
        if (failure is null) _source.SetResult(result);
        else _source.SetException(failure);
    }

    private static void CancelFlush(object? state, CancellationToken cancellation)
    {
        var writer = (ConnectionWriter)state!;
        lock (writer._lock)
        {
            if (!writer.TryClaimFlush()) return;
            writer._cancelledBy = cancellation;
        }

        writer.GoOnOnPool();
    }

    // Whoever cancels does not run the application.
    private void GoOnOnPool() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    private bool TryClaimFlush()
    {
        bool isMine = _isFlushing;
        _isFlushing = false;
        return isMine;
    }

    private FlushResult TakeResult()
    {
        bool isCanceled = _cancelNext;
        _cancelNext = false;
        return new FlushResult(isCanceled, _hasFailed);
    }

    private void Enqueue()
    {
        lock (_lock) MoveToQueue();
    }

    private void MoveToQueue()
    {
        if (_buffer is not { } buffer) return;
        if (_filled == 0) buffer.Dispose();
        else _queue.Add(buffer, _filled);
        _buffer = null;
        _filled = 0;
    }

    // True when what is flushed need not be sent yet: somebody will, soon.
    private bool TryGather()
    {
        bool isOfTurn = ApplicationTurn.IsOf(this);
        if (_hasFailed || (!isOfTurn && !_isMultiplexed && !Thread.CurrentThread.IsThreadPoolThread)) return false;
        bool isScheduling;
        lock (_lock)
        {
            if (_queue.Bytes + _filled > MaxGathered || (_state == SendState.Sending && !_isMultiplexed)) return false;
            MoveToQueue();
            _unflushed = 0;
            if (_queue.IsEmpty) return _state != SendState.Sending;
            if (_state != SendState.Idle) return true;
            isScheduling = !isOfTurn;
            if (isScheduling) _state = SendState.Scheduled;
        }

        if (isScheduling) _batch.Add(this);
        else ApplicationTurn.Owe();
        return true;
    }

    // True when all is sent. Otherwise a send is under way, which goes on with what was added.
    private bool Send()
    {
        Enqueue();
        _unflushed = 0;
        lock (_lock)
        {
            if (_state == SendState.Sending) return false;
            if (_queue.IsEmpty) return true;
            _state = SendState.Sending;
        }

        return SendQueued(out _);
    }

    // True when the queue is empty; false when a send is pending, which continues in OnSent.
    private bool SendQueued(out bool isAwaited)
    {
        while (TryDequeue(out ReadOnlyMemory<byte> data, out isAwaited))
        {
            try
            {
                if (_hasFailed) continue;
                _operation = AwaiterOf(_connection.WriteAsync(data));
                if (!_operation.IsCompleted)
                {
                    _operation.UnsafeOnCompleted(_onSent);
                    return false;
                }

                TakeOperation();
            }
            catch (Exception e)
            {
                Fail(e);
            }
        }

        return true;
    }

    private void OnSent()
    {
        try
        {
            TakeOperation();
        }
        catch (Exception e)
        {
            Fail(e);
        }

        if (SendQueued(out bool isAwaited) && isAwaited) Resume(isCanceled: false, failure: null);
    }

    private void Resume(bool isCanceled, Exception? failure)
    {
        (_result, _resultFailure) = (new FlushResult(isCanceled, _hasFailed), failure);
        _owner.Resume(this);
    }

    // At the end of the queue it claims the flush that waits, if there is one: a later one may wait for another send.
    private bool TryDequeue(out ReadOnlyMemory<byte> data, out bool isAwaited)
    {
        _sent?.Dispose();
        _sent = null;
        lock (_lock)
        {
            data = default;
            isAwaited = false;
            if (_queue.TryTake(out (IMemoryOwner<byte> Buffer, int Bytes) next))
            {
                _sent = next.Buffer;
                data = next.Buffer.Memory[..next.Bytes];
                return true;
            }

            _state = SendState.Idle;
            isAwaited = TryClaimFlush();
            _whenSent?.TrySetResult();
            return false;
        }
    }

    private static Awaiter AwaiterOf(ValueTask operation) => operation.ConfigureAwait(false).GetAwaiter();

    private void TakeOperation()
    {
        Awaiter operation = _operation;
        _operation = default;
        operation.GetResult();
    }

    private void Fail(Exception exception)
    {
        if (_hasFailed) return;
        _hasFailed = true;
        _owner.OnOutputFailed(ConnectionErrors.Of(exception, _connection));
    }
}
