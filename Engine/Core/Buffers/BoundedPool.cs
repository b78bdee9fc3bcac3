using System.Diagnostics.CodeAnalysis;

namespace RawEcho.Engine.Buffers;

/// <summary>What a <see cref="BoundedPool{T}"/> has to know of its items: whose hands each is in.</summary>
internal interface IPooled
{
    /// <summary>Storage for the pool's own mark; the item itself never touches it.</summary>
    ref int PoolMark { get; }
}

/// <summary>
/// A bounded pool: makes items up to its capacity, counts those free and in use, and refuses a return that no rent
/// stands against. A lock, and not a lock-free bag: it is held for a few instructions by a handful of event loops, it
/// allocates nothing, and its counts are always exact.
/// </summary>
/// <typeparam name="T">What is pooled.</typeparam>
internal sealed class BoundedPool<T>
    where T : class, IPooled
{
    private const int Free = 0;
    private const int Rented = 1;
    private const int Gone = 2;

    private readonly Lock _lock = new();
    private readonly Stack<T> _free = new();
    private readonly Func<T> _create;
    private int _inUse;

    /// <param name="capacity">The most items that may exist at a time.</param>
    /// <param name="preallocate">How many are made now.</param>
    /// <param name="create">Makes one.</param>
    public BoundedPool(int capacity, int preallocate, Func<T> create)
    {
        Capacity = capacity;
        _create = create;
        _free.EnsureCapacity(Math.Min(preallocate, capacity));
        for (int i = 0; i < Math.Min(preallocate, capacity); i++) _free.Push(create());
    }

    public int Capacity { get; }

    public (int Free, int InUse) Count
    {
        get
        {
            lock (_lock) return (_free.Count, _inUse);
        }
    }

    /// <summary>Gives an item, or false when all of the capacity is in use.</summary>
    public bool TryRent([NotNullWhen(true)] out T? item)
    {
        lock (_lock)
        {
            if (!_free.TryPop(out item))
            {
                if (_inUse >= Capacity) return false;
                item = _create();
            }

            _inUse++;
            item.PoolMark = Rented;
            return true;
        }
    }

    /// <exception cref="InvalidOperationException">The item is not out on rent: a double return.</exception>
    public void Return(T item) => TakeBack(item, Free);

    /// <summary>Ends a rent without taking the item back, because nobody can say what state it is in.</summary>
    /// <exception cref="InvalidOperationException">The item is not out on rent: a double return.</exception>
    public void Discard(T item) => TakeBack(item, Gone);

    /// <summary>Takes free items out of the pool for good.</summary>
    /// <param name="choose">Gets all that are free, and gives what says of each whether it goes. Called under the lock.</param>
    /// <returns>Those that were taken out.</returns>
    public List<T> Remove(Func<IReadOnlyCollection<T>, Predicate<T>> choose)
    {
        var removed = new List<T>();
        lock (_lock)
        {
            Predicate<T> goes = choose(_free);
            // Bottom first, so that those which stay keep their order.
            T[] all = [.. _free.Reverse()];
            _free.Clear();
            foreach (T item in all)
            {
                if (goes(item)) removed.Add(item);
                else _free.Push(item);
            }

            _free.TrimExcess();
        }

        foreach (T item in removed) item.PoolMark = Gone;
        return removed;
    }

    private void TakeBack(T item, int mark)
    {
        lock (_lock)
        {
            if (item.PoolMark != Rented)
                throw new InvalidOperationException($"This {typeof(T).Name} was already returned to its pool.");
            item.PoolMark = mark;
            _inUse--;
            if (mark == Free) _free.Push(item);
        }
    }
}
