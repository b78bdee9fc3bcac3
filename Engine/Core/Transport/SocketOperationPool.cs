using RawEcho.Engine.Buffers;

namespace RawEcho.Engine.Transport;

/// <summary>
/// The preallocated, bounded pool of SocketAsyncEventArgs: for accepting, connecting, receiving and sending. What failed,
/// or has a result that nobody took, is not taken back but disposed: its state is anybody's guess.
/// </summary>
/// <param name="capacity">The most args that may exist at a time.</param>
/// <param name="preallocate">How many are made now.</param>
internal sealed class SocketOperationPool(int capacity, int preallocate)
{
    private readonly BoundedPool<SocketOperation> _pool = new(capacity, preallocate, static () => new SocketOperation());

    public (int Free, int InUse) Count => _pool.Count;

    /// <exception cref="InvalidOperationException">All are in use: admission let in more than the pool was made for.</exception>
    public SocketOperation Rent() =>
        _pool.TryRent(out SocketOperation? operation)
            ? operation
            : throw new InvalidOperationException($"All {_pool.Capacity} SocketAsyncEventArgs are in use.");

    /// <summary>Disposes args that nobody uses, but for as many as were made in advance.</summary>
    public void Trim()
    {
        List<SocketOperation> gone = _pool.Remove(free =>
        {
            int surplus = free.Count - preallocate;
            return _ => surplus-- > 0;
        });
        foreach (SocketOperation operation in gone) operation.Dispose();
    }

    /// <summary>
    /// For an attempt to connect. Attempts that race (<see cref="AddressRace"/>) are more than admission counts: one that finds all args in
    /// use has some of its own.
    /// </summary>
    public SocketOperation RentForConnect() => _pool.TryRent(out SocketOperation? operation) ? operation : new SocketOperation { IsPooled = false };

    /// <summary>Takes args back. They must be at rest: after the last completion, never before.</summary>
    public void Return(SocketOperation operation)
    {
        if (operation.InFlight) throw new InvalidOperationException("SocketAsyncEventArgs returned with an operation under way.");
        if (!operation.IsPooled)
        {
            operation.Dispose();
        }
        else if (operation.SocketError == System.Net.Sockets.SocketError.Success && !operation.ResultPending)
        {
            operation.Clear();
            _pool.Return(operation);
        }
        else
        {
            _pool.Discard(operation);
            operation.Dispose();
        }
    }
}
