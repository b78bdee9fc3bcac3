namespace RawEcho.Client.Load;

/// <summary>
/// Why the messages of one connection wait. From the first message that is not sent at its time until all are sent again, it adds up how
/// long the connection waited for room, for a send, and for this client; what took longest is the cause of each message that waits. So the
/// messages behind a pause of the client are owed to the client, although each of them waits for the one before it as well.
/// While the client stands still, no echo makes room, and that time is the client's too.
/// One flow at a time uses it. All times are ticks of Stopwatch.
/// </summary>
/// <param name="pauses">When the client stood still.</param>
internal sealed class Backlog(ClientPauses pauses)
{
    private bool _isWaiting;
    private long _counted;
    private long _pausedBefore;
    private long _client;
    private long _noRoom;
    private long _blocked;

    /// <summary>A message is about to be sent.</summary>
    /// <param name="due">When it was to be sent.</param>
    /// <param name="room">Since when there is room for it; a time before <paramref name="due"/> when there was room all along.</param>
    /// <param name="now">The time.</param>
    /// <returns>What kept it waiting; without a meaning when it did not wait.</returns>
    public LateCause Sending(long due, long room, long now)
    {
        Begin(due);
        long full = Math.Clamp(room - _counted, 0, Math.Max(0, now - _counted));
        long paused = full == 0 ? 0 : Math.Clamp(pauses.Total(now) - _pausedBefore, 0, full);
        _noRoom += full - paused;
        _client += Math.Max(0, now - _counted - full + paused);
        CountUntil(now);
        return Cause;
    }

    /// <summary>A send was stuck until now.</summary>
    /// <param name="nextDue">When the next message is to be sent.</param>
    /// <param name="now">The time.</param>
    public void Unblocked(long nextDue, long now)
    {
        if (nextDue >= now) return;
        Begin(nextDue);
        _blocked += Math.Max(0, now - _counted);
        CountUntil(now);
    }

    /// <summary>A message was sent. The waiting is over when the next one is not due.</summary>
    public void Sent(long nextDue, long now)
    {
        if (nextDue < now) return;
        _isWaiting = false;
        (_client, _noRoom, _blocked) = (0, 0, 0);
    }

    /// <summary>The cause of messages that are still not sent at the end.</summary>
    /// <param name="due">When the first of them was to be sent.</param>
    /// <param name="room">Since when there is room; long.MaxValue when there is none.</param>
    /// <param name="isBlocked">A send is stuck.</param>
    /// <param name="end">The end.</param>
    public LateCause AtEnd(long due, long room, bool isBlocked, long end)
    {
        if (!isBlocked) return Sending(due, room, end);
        Begin(due);
        _blocked += Math.Max(0, end - _counted);
        CountUntil(end);
        return Cause;
    }

    private LateCause Cause =>
        _client >= _noRoom && _client >= _blocked ? LateCause.Client : _noRoom >= _blocked ? LateCause.NoRoom : LateCause.BlockedSend;

    private void Begin(long due)
    {
        if (_isWaiting) return;
        _isWaiting = true;
        _counted = due;
        _pausedBefore = pauses.TotalAt(due);
    }

    private void CountUntil(long now)
    {
        if (now <= _counted) return;
        _counted = now;
        _pausedBefore = pauses.Total(now);
    }
}
