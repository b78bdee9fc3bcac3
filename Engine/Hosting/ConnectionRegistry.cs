using System.Collections.Concurrent;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>All open connections of a host: the limit, the deadlines, and the way to reach every one of them.</summary>
internal sealed class ConnectionRegistry(EngineOptions options)
{
    private readonly ConcurrentDictionary<long, SocketConnection> _open = new();
    private readonly LimitEnforcer _limits = new(options);
    private readonly Lock _lock = new();
    private TaskCompletionSource? _whenEmpty;
    private int _slots;

    public IEnumerable<SocketConnection> Open => _open.Values;

    /// <summary>Takes one of the slots, before there is a connection to put into it.</summary>
    public bool TryReserve()
    {
        lock (_lock)
        {
            if (_slots >= options.MaxConnections) return false;
            _slots++;
            return true;
        }
    }

    public void Add(SocketConnection connection) => _open[connection.Id] = connection;

    public void Remove(SocketConnection connection) => _open.TryRemove(connection.Id, out _);

    /// <summary>Gives a slot back: the connection and all it held are gone.</summary>
    public void Release()
    {
        lock (_lock)
        {
            if (--_slots == 0) _whenEmpty?.TrySetResult();
        }
    }

    /// <summary>Completes when no slot is taken.</summary>
    public Task WhenEmpty()
    {
        lock (_lock)
        {
            if (_slots == 0) return Task.CompletedTask;
            _whenEmpty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _whenEmpty.Task;
        }
    }

    /// <summary>
    /// Ends what is past its time: one pass over all connections instead of a timer for each read of each connection.
    /// </summary>
    /// <param name="now">The moment, on the clock of Environment.TickCount64.</param>
    /// <returns>When a connection was last opened, read from or written to, on the same clock; 0 when none is open.</returns>
    public long EnforceDeadlines(long now)
    {
        long lastProgress = 0;
        foreach (SocketConnection connection in _open.Values)
        {
            lastProgress = Math.Max(lastProgress, connection.Io.LastProgress);
            _limits.Enforce(connection, now);
        }

        return lastProgress;
    }
}
