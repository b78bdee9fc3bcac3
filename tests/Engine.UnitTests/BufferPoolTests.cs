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
