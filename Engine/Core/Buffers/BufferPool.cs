using System.Buffers;

namespace RawEcho.Engine.Buffers;

/// <summary>
/// Recyclable buffers: large arrays on the pinned heap (slabs), cut into blocks of two sizes, rented while bytes are in
/// hand and kept for the next one. The first slab of small blocks is made in advance; more are added as they are needed,
/// up to a bound on the memory kept. Beyond the bound a rent still succeeds, with an array of its own that the
/// collector takes afterwards, so that a burst costs garbage and never a refusal. What nobody uses any more is let go by
/// <see cref="Trim"/>.
/// </summary>
public sealed class BufferPool
{
    /// <summary>Bytes of a small block: holds any of the short messages an echo is made of.</summary>
    public const int SmallBlock = 4 * 1024;

    /// <summary>Bytes of a large block: four full TLS records (RFC 8446 section 5.1).</summary>
    public const int LargeBlock = 64 * 1024;

    private readonly SlabClass _small;
    private readonly SlabClass _large;

    // Interlocked throughout: rented and returned on any thread. Nothing else is ordered by this count.
    private long _oneOffInUse;

    /// <param name="maxBytes">The most memory kept in slabs, in bytes; a quarter of it at most in small blocks.</param>
    public BufferPool(long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        _small = new SlabClass(SmallBlock, blocksPerSlab: 64, maxBytes / 4, preallocatedSlabs: 1);
        _large = new SlabClass(LargeBlock, blocksPerSlab: 8, maxBytes - (maxBytes / 4), preallocatedSlabs: 0);
    }

    /// <summary>Blocks that wait in slabs.</summary>
    public int Free => _small.Count.Free + _large.Count.Free;

    /// <summary>Buffers that are out on rent.</summary>
    public int InUse => _small.Count.InUse + _large.Count.InUse + (int)Interlocked.Read(ref _oneOffInUse);

    /// <summary>Gives a buffer of at least <paramref name="minimum"/> bytes; Dispose returns it.</summary>
    /// <param name="minimum">Bytes wanted, from 0.</param>
    public IMemoryOwner<byte> Rent(int minimum)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimum);
        SlabClass? fit = minimum <= SmallBlock ? _small : minimum <= LargeBlock ? _large : null;
        return (IMemoryOwner<byte>?)fit?.TryRent() ?? new OneOff(this, Math.Max(minimum, fit?.BlockSize ?? 0));
    }

    /// <summary>Lets go of slabs that are not in use at all, but for the first one of each size.</summary>
    /// <returns>Their bytes; the collector takes them.</returns>
    internal long Trim() => _small.Trim() + _large.Trim();

    /// <summary>All blocks of one size.</summary>
    private sealed class SlabClass
    {
        private readonly BoundedPool<Block> _blocks;
        private readonly int _blocksPerSlab;
        private Slab? _current;
        private Slab? _first;

        // Changed under the lock of the pool; read without it by Trim, which looks again under the lock before it lets go of anything.
        private volatile int _slabs;

        public SlabClass(int blockSize, int blocksPerSlab, long maxBytes, int preallocatedSlabs)
        {
            BlockSize = blockSize;
            _blocksPerSlab = blocksPerSlab;
            long slabs = maxBytes / ((long)blockSize * blocksPerSlab);
            int capacity = (int)Math.Min(slabs * blocksPerSlab, Array.MaxLength);
            _blocks = new BoundedPool<Block>(capacity, preallocatedSlabs * blocksPerSlab, Cut);
        }

        public int BlockSize { get; }

        public (int Free, int InUse) Count => _blocks.Count;

        public Block? TryRent() => _blocks.TryRent(out Block? block) ? block : null;

        public void Return(Block block) => _blocks.Return(block);

        public long Trim()
        {
            // The first one stays: traffic that needs no more than that would only have to make it anew.
            if (_slabs <= 1) return 0;
            List<Block> gone = _blocks.Remove(free =>
            {
                Dictionary<Slab, int> freeOf = free.GroupBy(b => b.Slab).ToDictionary(g => g.Key, g => g.Count());
                foreach ((Slab slab, int blocks) in freeOf)
                {
                    slab.IsGone = blocks == slab.Cut && slab != _first;
                    if (!slab.IsGone) continue;
                    _slabs--;
                    if (slab == _current) _current = null;
                }

                return block => block.Slab.IsGone;
            });
            return (long)gone.Count * BlockSize;
        }

        // Called under the lock of the pool, so the slab in work needs no other.
        private Block Cut()
        {
            if (_current is null || _current.Cut == _blocksPerSlab)
            {
                _current = new Slab(GC.AllocateUninitializedArray<byte>(BlockSize * _blocksPerSlab, pinned: true));
                _first ??= _current;
                _slabs++;
            }

            return new Block(this, _current, _current.Memory.AsMemory(_current.Cut++ * BlockSize, BlockSize));
        }
    }

    /// <summary>One large array; all but its memory is written and read under the lock of its pool.</summary>
    private sealed class Slab(byte[] memory)
    {
        public byte[] Memory { get; } = memory;

        /// <summary>Blocks cut from it so far.</summary>
        public int Cut { get; set; }

        public bool IsGone { get; set; }
    }

    private sealed class Block(SlabClass home, Slab slab, Memory<byte> memory) : IMemoryOwner<byte>, IPooled
    {
        private int _mark;

        public Slab Slab => slab;

        public Memory<byte> Memory { get; } = memory;

        ref int IPooled.PoolMark => ref _mark;

        public void Dispose() => home.Return(this);
    }

    private sealed class OneOff : IMemoryOwner<byte>
    {
        private BufferPool? _home;

        public OneOff(BufferPool home, int bytes)
        {
            _home = home;
            Memory = GC.AllocateUninitializedArray<byte>(bytes);
            Interlocked.Increment(ref home._oneOffInUse);
        }

        public Memory<byte> Memory { get; }

        public void Dispose()
        {
            // Pairs with itself: of two calls one finds the pool, and the other one is an error.
            BufferPool home = Interlocked.Exchange(ref _home, null)
                ?? throw new InvalidOperationException("This buffer was already returned to its pool.");
            Interlocked.Decrement(ref home._oneOffInUse);
        }
    }
}
