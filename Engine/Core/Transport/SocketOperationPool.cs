using System.Net.Sockets;
using RawEcho.Engine.Buffers;

namespace RawEcho.Engine.Transport;

/// <summary>
/// The pools of SocketAsyncEventArgs of a host, one for each kind of operation. A connection holds two: one to receive and one to send.
/// </summary>
/// <param name="connections">The most connections, each with args of its own in both directions.</param>
/// <param name="preallocated">For how many of them the args are made now.</param>
internal sealed class SocketOperationPool(int connections, int preallocated)
{
    // A listener has one for as long as it lives; most hosts have one or two, for IPv4 and IPv6. A connect that finds none makes its own.
    private const int MostListeners = 64;
    private const int PreallocatedListeners = 2;
    private const int MostConnects = 64;

    public OperationPool<ReceiveOperation> Receive { get; } = new(connections, preallocated);

    public OperationPool<SendOperation> Send { get; } = new(connections, preallocated);

    public OperationPool<AcceptOperation> Accept { get; } = new(MostListeners, PreallocatedListeners);

    public OperationPool<ConnectOperation> Connect { get; } = new(MostConnects, preallocate: 0);

    /// <summary>Args of all kinds.</summary>
    public (int Free, int InUse) Count
    {
        get
        {
            (int Free, int InUse) receive = Receive.Count, send = Send.Count, accept = Accept.Count, connect = Connect.Count;
            return (receive.Free + send.Free + accept.Free + connect.Free, receive.InUse + send.InUse + accept.InUse + connect.InUse);
        }
    }

    /// <summary>Disposes args that nobody uses, but for as many as were made in advance.</summary>
    public void Trim()
    {
        Receive.Trim();
        Send.Trim();
        Accept.Trim();
        Connect.Trim();
    }
}

/// <summary>
/// The bounded pool of the args of one kind of operation. What failed, or has a result that nobody took, is not taken back but disposed:
/// its state is anybody's guess.
/// </summary>
/// <typeparam name="T">The kind of operation.</typeparam>
/// <param name="capacity">The most args that may exist at a time.</param>
/// <param name="preallocate">How many are made now.</param>
internal sealed class OperationPool<T>(int capacity, int preallocate)
    where T : SocketOperation, new()
{
    private readonly BoundedPool<T> _pool = new(capacity, preallocate, static () => new T());

    public (int Free, int InUse) Count => _pool.Count;

    /// <exception cref="InvalidOperationException">All are in use: admission let in more than the pool was made for.</exception>
    public T Rent() => _pool.TryRent(out T? operation)
        ? operation
        : throw new InvalidOperationException($"All {_pool.Capacity} args of the kind {typeof(T).Name} are in use.");

    /// <summary>
    /// For an attempt to connect. Attempts that race (<see cref="AddressRace"/>) are more than admission counts: one that finds all args in
    /// use has some of its own.
    /// </summary>
    public T RentOrCreate() => _pool.TryRent(out T? operation) ? operation : new T { IsPooled = false };

    /// <summary>Takes args back. They must be at rest: after the last completion, never before.</summary>
    public void Return(T operation)
    {
        if (operation.InFlight) throw new InvalidOperationException("SocketAsyncEventArgs returned with an operation under way.");
        if (!operation.IsPooled)
        {
            operation.Dispose();
        }
        else if (operation.SocketError == SocketError.Success && !operation.ResultPending)
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

    /// <summary>Disposes args that nobody uses, but for as many as were made in advance.</summary>
    public void Trim()
    {
        List<T> gone = _pool.Remove(free =>
        {
            int surplus = free.Count - preallocate;
            return _ => surplus-- > 0;
        });
        foreach (T operation in gone) operation.Dispose();
    }
}
