using System.Collections.Concurrent;
using System.Net;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// All connections of a host, one entry for each: the limits on their number, the way to every one that is open, and the counts of those
/// that are gone. Admission, drain, the deadline sweep and telemetry all look at connections through this table.
/// </summary>
/// <param name="maxConnections">Connections at a time, count.</param>
/// <param name="maxPerAddress">Connections at a time from one address, count; 0 for no limit.</param>
internal sealed class ConnectionTable(int maxConnections, int maxPerAddress) : IOpenConnections
{
    // Concurrent for those who walk through it without the lock; every change is made under the lock, together with the counts.
    private readonly ConcurrentDictionary<long, ConnectionLease> _leases = new();
    private readonly AddressCounts _addresses = new(maxPerAddress);
    private readonly ConnectionTotals _totals = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource? _whenEmpty;
    private long _lastId;
    private int _taken;

    /// <summary>The connections that are open now. May be walked through while connections come and go.</summary>
    public IEnumerable<SocketConnection> Open
    {
        get
        {
            foreach ((_, ConnectionLease lease) in _leases)
            {
                if (lease.Connection is { } connection) yield return connection;
            }
        }
    }

    /// <inheritdoc/>
    public IEnumerable<Connection> Connections => Open;

    /// <summary>What is held now: leases, and addresses that have connections (0 without a limit for them); counts.</summary>
    public (int Leases, int Addresses) Held
    {
        get
        {
            lock (_lock) return (_taken, _addresses.Addresses);
        }
    }

    /// <summary>How often a connection was opened, closed or refused since the start.</summary>
    public long Changes
    {
        get
        {
            lock (_lock) return _totals.Changes;
        }
    }

    /// <summary><see cref="Changes"/>, and how often a read gave data, over all connections, open and closed.</summary>
    public long Operations
    {
        get
        {
            lock (_lock) return _totals.Changes + _totals.ClosedReads + Open.Sum(c => c.Io.ReadOperations);
        }
    }

    /// <summary>Takes a lease for a connection, before there is a socket connection to put into it.</summary>
    /// <param name="peer">The address that the peer connected from; null for a connection that this side opens.</param>
    /// <param name="refusal">Why there is none; <see cref="CloseReason.None"/> with one.</param>
    /// <returns>Null when a limit is reached.</returns>
    public ConnectionLease? TryTake(EndPoint? peer, out CloseReason refusal)
    {
        lock (_lock)
        {
            refusal = _taken >= maxConnections ? CloseReason.Refused
                : _addresses.TryAdd(peer) ? CloseReason.None
                : CloseReason.RefusedAddress;
            if (refusal != CloseReason.None) return null;
            try
            {
                var lease = new ConnectionLease(this, ++_lastId, peer);
                _leases[lease.Id] = lease;
                _taken++;
                return lease;
            }
            catch
            {
                // Out of memory.
                _addresses.Remove(peer);
                throw;
            }
        }
    }

    /// <summary>From now on the lease has a connection, which counts as open.</summary>
    public void Add(ConnectionLease lease, SocketConnection connection)
    {
        lock (_lock)
        {
            _totals.Opened(connection.Lifetime);
            lease.Connection = connection;
        }
    }

    /// <inheritdoc/>
    public bool TryCountAddress(Connection connection)
    {
        lock (_lock)
        {
            // Its own flow asks, which gives the lease back afterwards.
            ConnectionLease lease = _leases[connection.Id];
            if (!_addresses.TryAdd(connection.RemoteEndPoint)) return false;
            lease.Peer = connection.RemoteEndPoint;
            return true;
        }
    }

    /// <summary>Counts a connection that was refused.</summary>
    public void CountRefused(CloseReason reason)
    {
        lock (_lock) _totals.Refused(reason);
    }

    /// <summary>All counts at one moment.</summary>
    public EngineStatistics Count()
    {
        lock (_lock) return _totals.With(Open.Select(c => c.Lifetime));
    }

    /// <summary>Completes when no lease is taken.</summary>
    public Task WhenEmpty()
    {
        lock (_lock)
        {
            if (_taken == 0) return Task.CompletedTask;
            _whenEmpty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _whenEmpty.Task;
        }
    }

    /// <summary>For <see cref="ConnectionLease.Dispose"/>, which calls it once.</summary>
    internal void Release(ConnectionLease lease)
    {
        lock (_lock)
        {
            _leases.TryRemove(lease.Id, out _);
            _addresses.Remove(lease.Peer);
            if (lease.Connection is { } connection)
            {
                connection.Lifetime.Advance(ConnectionPhase.Closed);
                _totals.Closed(connection.Lifetime);
            }

            if (--_taken > 0) return;
            _whenEmpty?.TrySetResult();
            _whenEmpty = null;
        }
    }
}
