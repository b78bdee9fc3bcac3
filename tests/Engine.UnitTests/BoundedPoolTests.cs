using RawEcho.Engine.Buffers;

namespace RawEcho.Engine.UnitTests;

public class BoundedPoolTests
{
    [Fact]
    public void Counts_what_is_free_and_what_is_in_use()
    {
        var pool = new BoundedPool<Item>(capacity: 3, preallocate: 2, () => new Item());
        Assert.Equal((2, 0), pool.Count);

        Assert.True(pool.TryRent(out Item? first));
        Assert.True(pool.TryRent(out _));
        Assert.True(pool.TryRent(out _));
        Assert.Equal((0, 3), pool.Count);

        pool.Return(first);
        Assert.Equal((1, 2), pool.Count);
    }

    [Fact]
    public void Refuses_more_than_its_capacity()
    {
        var pool = new BoundedPool<Item>(capacity: 1, preallocate: 0, () => new Item());
        Assert.True(pool.TryRent(out Item? item));
        Assert.False(pool.TryRent(out _));
        pool.Return(item);
        Assert.True(pool.TryRent(out Item? again));
        Assert.Same(item, again);
    }

    [Fact]
    public void A_double_return_is_an_error_and_changes_nothing()
    {
        var pool = new BoundedPool<Item>(capacity: 2, preallocate: 0, () => new Item());
        Assert.True(pool.TryRent(out Item? item));
        pool.Return(item);
        Assert.Throws<InvalidOperationException>(() => pool.Return(item));
        Assert.Throws<InvalidOperationException>(() => pool.Discard(item));
        Assert.Equal((1, 0), pool.Count);
    }

    [Fact]
    public void A_discarded_item_is_not_given_out_again_and_makes_room_for_another()
    {
        var pool = new BoundedPool<Item>(capacity: 1, preallocate: 1, () => new Item());
        Assert.True(pool.TryRent(out Item? bad));
        pool.Discard(bad);
        Assert.Equal((0, 0), pool.Count);
        Assert.True(pool.TryRent(out Item? good));
        Assert.NotSame(bad, good);
        Assert.Throws<InvalidOperationException>(() => pool.Return(bad));
    }

    [Fact]
    public void Stays_exact_when_many_threads_rent_and_return()
    {
        var pool = new BoundedPool<Item>(capacity: 8, preallocate: 0, () => new Item());
        Parallel.For(0, 20_000, _ =>
        {
            if (!pool.TryRent(out Item? item)) return;
            Assert.Equal(0, Interlocked.Exchange(ref item.Holders, 1));
            Interlocked.Exchange(ref item.Holders, 0);
            pool.Return(item);
        });
        (int free, int inUse) = pool.Count;
        Assert.Equal(0, inUse);
        Assert.InRange(free, 1, 8);
    }

    private sealed class Item : IPooled
    {
        public int Holders;
        private int _mark;

        ref int IPooled.PoolMark => ref _mark;
    }
}
