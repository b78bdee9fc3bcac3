using System.Runtime.CompilerServices;
using RawEcho.Engine;

namespace RawEcho.Client.Http;

/// <summary>
/// A connection of the Engine as the stream that System.Net.Http reads and writes. Disposing it ends the connection in order, and
/// <see cref="Idle"/> says when the last operation has returned, so that whoever holds the connection can say goodbye on it.
/// </summary>
internal sealed class HttpStream(Connection connection) : DuplexStream
{
    private const int KeptBytes = 16;

    private readonly Stream _inner = connection.AsStream();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _first = new byte[KeptBytes];
    private int _firstCount;
    private Exception? _fault;
    // One for the stream itself, which closing it gives back.
    private int _underWay = 1;
    private int _isClosed;

    /// <summary>Completes when the stream is closed: nothing more is sent or received on it.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Completes when the stream is closed and the last operation has returned.</summary>
    public Task Idle => _idle.Task;

    /// <summary>What the connection threw first; null for nothing.</summary>
    public Exception? Fault => Volatile.Read(ref _fault);

    /// <summary>The first bytes that came from the server, at most 16.</summary>
    public ReadOnlySpan<byte> First => _first.AsSpan(0, Volatile.Read(ref _firstCount));

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Enter();
        try
        {
            int read = await _inner.ReadAsync(buffer, cancellationToken);
            if (_firstCount < KeptBytes && read > 0) Keep(buffer.Span[..read]);
            return read;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Interlocked.CompareExchange(ref _fault, e, null);
            throw e as IOException ?? Ended(e);
        }
        finally
        {
            Leave();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Enter();
        try
        {
            await _inner.WriteAsync(buffer, cancellationToken);
        }
        catch (ObjectDisposedException e)
        {
            throw Ended(e);
        }
        finally
        {
            // A failed write is no fault of its own: the peer has gone, and the read that is under way says how.
            Leave();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _closed.TrySetResult();
            // A read that waits for the next response ends with it.
            connection.EndWhenIdle();
            Leave();
        }

        base.Dispose(disposing);
    }

    // System.Net.Http expects of a stream that was aborted what the Engine throws for one that the peer has left.
    private static IOException Ended(Exception cause) => new("The connection has ended.", cause);

    private void Enter()
    {
        Interlocked.Increment(ref _underWay);
        if (Volatile.Read(ref _isClosed) == 0) return;
        Leave();
        throw new ObjectDisposedException(nameof(HttpStream));
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _underWay) == 0) _idle.TrySetResult();
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        int count = Math.Min(bytes.Length, KeptBytes - _firstCount);
        bytes[..count].CopyTo(_first.AsSpan(_firstCount));
        Volatile.Write(ref _firstCount, _firstCount + count);
    }
}
