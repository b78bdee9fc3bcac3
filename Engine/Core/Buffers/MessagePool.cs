using Microsoft.IO;

namespace RawEcho.Engine.Buffers;

/// <summary>
/// Recyclable streams for messages, one pool for a host. Streams that held no more than a block are kept with their block, so that short
/// messages allocate nothing; a longer one gives its blocks back to the manager as soon as it is returned.
/// </summary>
internal sealed class MessagePool : IDisposable
{
    private readonly RecyclableMemoryStreamManager _manager;
    private readonly Lock _lock = new();
    private readonly Stack<RecyclableMemoryStream> _free = new();
    private readonly int _blockBytes;
    private readonly int _mostFree;

    // Interlocked: the manager tells of its blocks on any thread, and not under the lock. Nothing else is ordered by these two counts.
    private long _blocksMade;
    private long _blocksDropped;

    private long _inUse;
    private bool _isDisposed;

    /// <param name="blockBytes">Bytes of a block.</param>
    /// <param name="maxPooledBytes">Bytes of blocks that are kept, streams included.</param>
    public MessagePool(int blockBytes, long maxPooledBytes)
    {
        _blockBytes = blockBytes;
        // Half of what may be kept lies in streams, the other half in blocks without one.
        long kept = maxPooledBytes / 2;
        _mostFree = (int)Math.Min(int.MaxValue, kept / blockBytes);
        _manager = new RecyclableMemoryStreamManager(new RecyclableMemoryStreamManager.Options
        {
            BlockSize = blockBytes,
            // Nobody asks a message for one array (GetBuffer), so there are no large buffers to keep.
            LargeBufferMultiple = blockBytes,
            MaximumBufferSize = blockBytes,
            MaximumSmallPoolFreeBytes = kept,
            MaximumLargePoolFreeBytes = 1,
        });
        _manager.BlockCreated += (_, _) => Interlocked.Increment(ref _blocksMade);
        _manager.BufferDiscarded += (_, _) => Interlocked.Increment(ref _blocksDropped);
    }

    /// <summary>Bytes free and in use, streams in use and blocks made and dropped since the start.</summary>
    public MessagePoolCounts Count
    {
        get
        {
            lock (_lock)
            {
                long idle = _free.Count * (long)_blockBytes;
                return new(
                    _manager.SmallPoolFreeSize + idle,
                    _manager.SmallPoolInUseSize - idle,
                    _inUse,
                    Interlocked.Read(ref _blocksMade),
                    Interlocked.Read(ref _blocksDropped));
            }
        }
    }

    /// <summary>Gives an empty stream, which <see cref="Return"/> takes back.</summary>
    public RecyclableMemoryStream Rent()
    {
        lock (_lock)
        {
            _inUse++;
            while (_free.TryPop(out RecyclableMemoryStream? stream))
            {
                // Whoever disposed a message that was lent to him has given its block back.
                if (stream.CanWrite) return stream;
            }
        }

        return _manager.GetStream();
    }

    /// <summary>Empties a stream on rent, to be used again without a way through the pool.</summary>
    /// <returns>False for a stream that was disposed, or is longer than a block: return it.</returns>
    public bool TryClear(RecyclableMemoryStream stream)
    {
        if (!stream.CanWrite || stream.Capacity64 > _blockBytes) return false;
        stream.SetLength(0);
        return true;
    }

    /// <summary>Takes a stream back that nobody uses any more.</summary>
    public void Return(RecyclableMemoryStream stream)
    {
        bool isKept = TryClear(stream);
        lock (_lock)
        {
            _inUse--;
            isKept = isKept && !_isDisposed && _free.Count < _mostFree;
            if (isKept) _free.Push(stream);
        }

        if (!isKept) stream.Dispose();
    }

    /// <summary>Lets go of streams that lie idle.</summary>
    public void Dispose()
    {
        RecyclableMemoryStream[] all;
        lock (_lock)
        {
            _isDisposed = true;
            all = [.. _free];
            _free.Clear();
        }

        foreach (RecyclableMemoryStream stream in all) stream.Dispose();
    }
}

/// <summary>What the pool of message streams holds at one moment.</summary>
/// <param name="BytesFree">Bytes of blocks that wait for use.</param>
/// <param name="BytesInUse">Bytes of blocks that messages are in.</param>
/// <param name="StreamsInUse">Streams out on rent: messages under way, and answers that were not sent yet.</param>
/// <param name="BlocksMade">Blocks made since the start.</param>
/// <param name="BlocksDropped">Blocks left to the collector since the start, because enough were kept.</param>
public readonly record struct MessagePoolCounts(long BytesFree, long BytesInUse, long StreamsInUse, long BlocksMade, long BlocksDropped);
