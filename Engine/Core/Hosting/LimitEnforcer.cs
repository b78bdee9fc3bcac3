using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>Holds one connection against all limits of time and progress; called for each of them once a sweep.</summary>
internal sealed class LimitEnforcer(EngineOptions options)
{
    // A connection past its lifetime that is in the middle of a long message may finish it, for a second ...
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(1);

    // ... and one that never pauses is not let go on for ever.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    /// <summary>Ends the connection if it is past a limit.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="now">The moment, on the clock of Environment.TickCount64.</param>
    public void Enforce(SocketConnection connection, long now)
    {
        ConnectionLifetime lifetime = connection.Lifetime;
        if (lifetime.Passed(now) is { } deadline)
        {
            connection.Abort(deadline.Reason, $"Not done after {Seconds(deadline.Time)}.");
        }
        else if (lifetime.End.Reason != CloseReason.None)
        {
            // Closing; that has a deadline of its own.
        }
        else if (IsPast(connection.SendPendingSince, options.WriteTimeout, now))
        {
            connection.Abort(CloseReason.WriteTimeout, $"The peer took nothing for {Seconds(options.WriteTimeout)}.");
        }
        else if (lifetime.Established)
        {
            EnforceProgress(connection, now);
        }
    }

    private void EnforceProgress(SocketConnection connection, long now)
    {
        ConnectionLifetime lifetime = connection.Lifetime;
        if (options.MaxBytesWithoutData > 0 && BytesWithoutData(connection) > options.MaxBytesWithoutData)
        {
            connection.Abort(CloseReason.RecordFlood, $"More than {options.MaxBytesWithoutData} bytes of records brought no data.");
        }
        else if (IsPast(lifetime.Io.LastProgress, options.IdleTimeout, now))
        {
            string detail = $"No data for {Seconds(options.IdleTimeout)}.";
            if (!connection.TryEndInOrder(CloseReason.IdleTimeout, detail)) connection.Abort(CloseReason.IdleTimeout, detail);
        }
        else if (IsPast(lifetime.OpenedAt, options.MaxLifetime, now))
        {
            EndOld(connection, TimeSpan.FromMilliseconds(now - lifetime.OpenedAt) - options.MaxLifetime);
        }
    }

    private static void EndOld(SocketConnection connection, TimeSpan over)
    {
        if (over >= Grace) connection.Abort(CloseReason.LifetimeEnded, $"Still at work {Seconds(Grace)} after the end of its lifetime.");
        else connection.BeginDrain(evenInsideMessage: over >= Courtesy, CloseReason.LifetimeEnded);
    }

    private static long BytesWithoutData(SocketConnection connection)
    {
        // In this order: what is received later cannot be counted before the data that it brings.
        long received = connection.BytesReceived - connection.Lifetime.HandshakeBytes;
        return connection.Dataless.Observe(received, connection.Io.ReadOperations, connection.Io.BytesReceived);
    }

    private static bool IsPast(long since, TimeSpan limit, long now) =>
        since != 0 && limit != Timeout.InfiniteTimeSpan && now - since >= (long)limit.TotalMilliseconds;

    private static string Seconds(TimeSpan time) => FormattableString.Invariant($"{time.TotalSeconds:0.###} s");
}
