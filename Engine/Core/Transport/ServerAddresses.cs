using System.Net;
using System.Net.Sockets;

namespace RawEcho.Engine.Transport;

/// <summary>
/// The addresses of one server and which of them answers: connections race for it (RFC 8305, "Happy Eyeballs"), and once one has
/// answered, later connections use it alone for as long as it answers. All connections to a server share one of these.
/// </summary>
public sealed class ServerAddresses
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPEndPoint, UnreachableAddress> _unreachable = [];

    // Written under the lock, read without it by attempts to connect: an old value costs an attempt at an address that is not the best.
    private volatile IPEndPoint? _answering;
    private TaskCompletionSource _changed = NewSignal();
    private int _turnIsTaken;

    /// <param name="resolved">The addresses as the resolver gave them; at least one.</param>
    public ServerAddresses(params IReadOnlyList<IPEndPoint> resolved) => All = Interleave(resolved);

    /// <summary>The addresses in the order in which they are tried: as the resolver gave them, the families in turn.</summary>
    public IReadOnlyList<IPEndPoint> All { get; }

    /// <summary>The address that answered last, which the next connection tries first; null before any has.</summary>
    public IPEndPoint? Answering => _answering;

    /// <summary>
    /// The addresses that failed or did not answer while another one did, each once, in the order in which that was found out.
    /// </summary>
    public IReadOnlyList<UnreachableAddress> Unreachable
    {
        get
        {
            lock (_lock) return [.. _unreachable.Values];
        }
    }

    /// <summary>Completes when <see cref="Answering"/> is another one than it was.</summary>
    internal Task Changed
    {
        get
        {
            lock (_lock) return _changed.Task;
        }
    }

    /// <summary>Connects to the address that answers first.</summary>
    /// <param name="connect">Connects to one address; throws <see cref="ConnectException"/> when that fails.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ConnectException">No address answered; of several failures, that of the address that was tried first.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> asked to give up.</exception>
    public Task<DialedSocket> ConnectAsync(Func<IPEndPoint, CancellationToken, Task<Socket>> connect, CancellationToken cancellation) =>
        ConnectAsync(connect, dialed: null, cancellation);

    /// <summary>Connects to the address that answers first.</summary>
    /// <param name="connect">Connects to one address; throws <see cref="ConnectException"/> when that fails.</param>
    /// <param name="dialed">Is told what came of each address, unless connecting was given up; null for nobody.</param>
    /// <param name="cancellation">Gives up.</param>
    internal async Task<DialedSocket> ConnectAsync(
        Func<IPEndPoint, CancellationToken, Task<Socket>> connect, Action<IReadOnlyList<AddressAttempt>>? dialed,
        CancellationToken cancellation)
    {
        var race = new AddressRace(this, connect);
        DialedSocket? winner = await race.RunAsync(cancellation);
        try
        {
            dialed?.Invoke(race.Attempts);
        }
        catch
        {
            winner?.Socket.Dispose();
            throw;
        }

        return winner ?? throw race.Attempts.Select(a => a.Failure).First(f => f is not null)!;
    }

    /// <summary>
    /// Takes the right to try a second address beside one that has not failed yet. One connection at a time has it and the others profit
    /// from what it finds: otherwise hundreds of connections would dial every address at once, and need a descriptor for each attempt.
    /// </summary>
    // The exchange gives the turn to one; the write of ReturnTurn pairs with it. What the turn found out is kept under the lock.
    internal bool TryTakeTurn() => Interlocked.Exchange(ref _turnIsTaken, 1) == 0;

    internal void ReturnTurn() => Volatile.Write(ref _turnIsTaken, 0);

    /// <summary>Remembers which address answered and which ones did not meanwhile.</summary>
    internal void Learn(IPEndPoint answering, IEnumerable<AddressAttempt> attempts)
    {
        lock (_lock)
        {
            foreach ((IPEndPoint address, TimeSpan? time, ConnectException? failure) in attempts)
            {
                if (failure is null || failure.IsOfThisMachine) continue;
                // An attempt that was given up early says nothing of its address.
                if (failure.Error == SocketError.TimedOut && time < AddressRace.AttemptDelay) continue;
                _unreachable.TryAdd(address, new UnreachableAddress(address, failure.Message, answering));
            }

            if (answering.Equals(_answering)) return;
            _answering = answering;
            _changed.SetResult();
            _changed = NewSignal();
        }
    }

    // RFC 8305 section 4: the family of the first address first, then the families in turn.
    private static IPEndPoint[] Interleave(IReadOnlyList<IPEndPoint> resolved)
    {
        Queue<IPEndPoint>[] families = [.. resolved.Distinct().GroupBy(a => a.AddressFamily).Select(g => new Queue<IPEndPoint>(g))];
        List<IPEndPoint> order = [];
        while (Array.Exists(families, f => f.Count > 0))
        {
            foreach (Queue<IPEndPoint> family in families)
            {
                if (family.TryDequeue(out IPEndPoint? next)) order.Add(next);
            }
        }

        return [.. order];
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>An address that failed, or did not answer, while another address of the same server did.</summary>
/// <param name="Address">The address.</param>
/// <param name="Why">One sentence that names the address.</param>
/// <param name="Instead">The address that answered.</param>
public sealed record UnreachableAddress(IPEndPoint Address, string Why, IPEndPoint Instead);
