using System.Buffers;
using RawEcho.Engine.Buffers;

namespace RawEcho.Engine.UnitTests;

public class BufferPoolTests
{
    [Theory]
    [InlineData(0, BufferPool.SmallBlock)]
    [InlineData(BufferPool.SmallBlock, BufferPool.SmallBlock)]
    [InlineData(BufferPool.SmallBlock + 1, BufferPool.LargeBlock)]
    [InlineData(BufferPool.LargeBlock, BufferPool.LargeBlock)]
    [InlineData(BufferPool.LargeBlock + 1, BufferPool.LargeBlock + 1)]
    public void Gives_the_smallest_block_that_fits(int minimum, int expected)
    {
        var pool = new BufferPool(4 * 1024 * 1024);
        using IMemoryOwner<byte> buffer = pool.Rent(minimum);
        Assert.Equal(expected, buffer.Memory.Length);
    }

    [Fact]
    public void Recycles_what_was_returned()
    {
        var pool = new BufferPool(4 * 1024 * 1024);
        IMemoryOwner<byte> first = pool.Rent(1);
        first.Dispose();
        using IMemoryOwner<byte> second = pool.Rent(1);
        Assert.Same(first, second);
    }

    [Fact]
    public void Blocks_do_not_overlap()
    {
        var pool = new BufferPool(4 * 1024 * 1024);
        IMemoryOwner<byte>[] all = [.. Enumerable.Range(0, 200).Select(_ => pool.Rent(1))];
        for (int i = 0; i < all.Length; i++) all[i].Memory.Span.Fill((byte)i);
        for (int i = 0; i < all.Length; i++) Assert.Equal(-1, all[i].Memory.Span.IndexOfAnyExcept((byte)i));
        foreach (IMemoryOwner<byte> buffer in all) buffer.Dispose();
        Assert.Equal(0, pool.InUse);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(BufferPool.LargeBlock + 1)]
    public void A_double_return_is_an_error(int size)
    {
        var pool = new BufferPool(4 * 1024 * 1024);
        IMemoryOwner<byte> buffer = pool.Rent(size);
        buffer.Dispose();
        Assert.Throws<InvalidOperationException>(buffer.Dispose);
        Assert.Equal(0, pool.InUse);
    }

    [Fact]
    public void Beyond_its_bound_it_still_gives_but_does_not_keep()
    {
        var pool = new BufferPool(maxBytes: 0);
        IMemoryOwner<byte> buffer = pool.Rent(100);
        Assert.Equal(BufferPool.SmallBlock, buffer.Memory.Length);
        Assert.Equal((1, 0), (pool.InUse, pool.Free));
        buffer.Dispose();
        Assert.Equal((0, 0), (pool.InUse, pool.Free));
    }

    [Theory]
    [InlineData(BufferPool.SmallBlock, 256)]
    [InlineData(BufferPool.LargeBlock, 48)]
    public void Keeps_a_quarter_of_its_bound_in_small_blocks_and_the_rest_in_large_ones(int size, int blocks)
    {
        var pool = new BufferPool(4 * 1024 * 1024);
        int freeOfTheOtherSize = size == BufferPool.SmallBlock ? 0 : pool.Free;
        IMemoryOwner<byte>[] all = [.. Enumerable.Range(0, blocks + 10).Select(_ => pool.Rent(size))];
        Assert.Equal(all.Length, pool.InUse);
        foreach (IMemoryOwner<byte> buffer in all) buffer.Dispose();
        Assert.Equal((0, blocks + freeOfTheOtherSize), (pool.InUse, pool.Free));
    }

    [Fact]
    public void Slabs_in_use_stay_and_idle_ones_go_but_for_the_first()
    {
        const int perSlab = 64;
        var pool = new BufferPool(4 * 1024 * 1024);
        IMemoryOwner<byte>[] all = [.. Enumerable.Range(0, 3 * perSlab).Select(_ => pool.Rent(1))];
        // One block of the last slab stays in use.
        foreach (IMemoryOwner<byte> buffer in all[..^1]) buffer.Dispose();
        all[^1].Memory.Span.Fill(42);
        Assert.Equal(perSlab * BufferPool.SmallBlock, pool.Trim());
        Assert.Equal((1, (2 * perSlab) - 1), (pool.InUse, pool.Free));
        Assert.Equal(0, pool.Trim());

        IMemoryOwner<byte>[] again = [.. Enumerable.Range(0, 3 * perSlab).Select(_ => pool.Rent(1))];
        foreach (IMemoryOwner<byte> buffer in again) buffer.Memory.Span.Fill(7);
        Assert.Equal(-1, all[^1].Memory.Span.IndexOfAnyExcept((byte)42));
        foreach (IMemoryOwner<byte> buffer in again) buffer.Dispose();
        all[^1].Dispose();
        pool.Trim();
        Assert.Equal((0, perSlab), (pool.InUse, pool.Free));
    }

    [Fact]
    public void A_slab_that_was_not_cut_to_the_end_goes_too()
    {
        var pool = new BufferPool(4 * 1024 * 1024);
        IMemoryOwner<byte>[] all = [.. Enumerable.Range(0, 10).Select(_ => pool.Rent(BufferPool.LargeBlock))];
        foreach (IMemoryOwner<byte> buffer in all) buffer.Dispose();
        // Eight blocks are a slab; of the second one two were cut.
        Assert.Equal(2 * BufferPool.LargeBlock, pool.Trim());
        using IMemoryOwner<byte> next = pool.Rent(BufferPool.LargeBlock);
        Assert.Equal(BufferPool.LargeBlock, next.Memory.Length);
    }

    [Fact]
    public void The_size_follows_the_traffic()
    {
        var size = default(ReadSize);
        Assert.Equal(BufferPool.SmallBlock, size.Bytes);
        size.Observe(BufferPool.SmallBlock, BufferPool.SmallBlock);
        Assert.Equal(BufferPool.LargeBlock, size.Bytes);
        size.Observe(50_000, BufferPool.LargeBlock);
        for (int i = 0; i < 15; i++) size.Observe(100, BufferPool.LargeBlock);
        Assert.Equal(BufferPool.LargeBlock, size.Bytes);
        size.Observe(100, BufferPool.LargeBlock);
        Assert.Equal(BufferPool.SmallBlock, size.Bytes);
    }
}
