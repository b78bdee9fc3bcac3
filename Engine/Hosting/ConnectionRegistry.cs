using System.Collections.Concurrent;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>All open connections of a host: the limit, the deadlines, and the way to reach every one of them.</summary>
internal sealed class ConnectionRegistry(EngineOptions options)
{
    private readonly ConcurrentDictionary<long, SocketConnection> _open = new();
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
            if (connection.Lifetime.CurrentDeadline is { } deadline && now >= deadline.At)
            {
                connection.Abort(deadline.Reason, $"Not done after {Seconds(deadline.After)}.");
            }
            else if (connection.Lifetime.End.Reason != CloseReason.None)
            {
                // Saying goodbye; that has a deadline of its own.
            }
            else if (IsPast(connection.SendPendingSince, options.WriteTimeout, now))
            {
                connection.Abort(CloseReason.WriteTimeout, $"The peer took nothing for {Seconds(options.WriteTimeout)}.");
            }
            else if (connection.Lifetime.Established && IsPast(connection.Io.LastProgress, options.IdleTimeout, now))
            {
                string detail = $"No data for {Seconds(options.IdleTimeout)}.";
                if (!connection.TryEndInOrder(CloseReason.IdleTimeout, detail)) connection.Abort(CloseReason.IdleTimeout, detail);
            }
        }

        return lastProgress;
    }

    private static bool IsPast(long since, TimeSpan limit, long now) =>
        since != 0 && limit != Timeout.InfiniteTimeSpan && now - since >= (long)limit.TotalMilliseconds;

    private static string Seconds(TimeSpan time) => FormattableString.Invariant($"{time.TotalSeconds:0.###} s");
}
