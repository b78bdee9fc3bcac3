namespace RawEcho.Engine;

/// <summary>
/// Bounds the handshakes that compute at a time, and those that wait for their turn. A place is held only while there is
/// something to compute, never while waiting for a peer: silent and slow peers take none, so the queue always moves.
/// A handshake that was inside before goes first, because work was put into it already, and is never turned away.
/// </summary>
/// <remarks>
/// A new one that has waited too long is turned away instead of begun. Its peer may have given up, which nobody notices before the
/// handshake is computed: a queue that is longer than peers are patient would compute for nobody, for as long as they come again.
/// </remarks>
/// <param name="places">Handshakes that compute at a time, count.</param>
/// <param name="maxWaiting">New handshakes that may wait for their first turn, count.</param>
/// <param name="maxWait">How long each of them may wait; Timeout.InfiniteTimeSpan for no limit.</param>
/// <param name="time">The clock of that limit.</param>
internal sealed class HandshakeGate(int places, int maxWaiting, TimeSpan maxWait, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Queue<Turn> _begun = new();
    private readonly Queue<Turn> _new = new();
    private int _free = places;

    /// <summary>Handshakes that wait for their turn now.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock) return _begun.Count + _new.Count;
        }
    }

    /// <summary>Places that are free now.</summary>
    public int Free
    {
        get
        {
            lock (_lock) return _free;
        }
    }

    /// <summary>Waits for a place.</summary>
    /// <param name="begun">True for a handshake that was inside before.</param>
    /// <param name="connection">Whose handshake it is; null for a wait that only a free place ends.</param>
    /// <returns>
    /// False when too many wait already, when it has waited too long, or when the connection has ended meanwhile: no place was taken.
    /// </returns>
    public ValueTask<bool> EnterAsync(bool begun, ConnectionLifetime? connection = null)
    {
        Turn turn;
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return new ValueTask<bool>(true);
            }

            if (!begun && _new.Count >= maxWaiting) return new ValueTask<bool>(false);
            turn = new Turn(connection, time.GetTimestamp());
            (begun ? _begun : _new).Enqueue(turn);
        }

        return new ValueTask<bool>(turn.Task);
    }

    /// <summary>Gives a place to the next one.</summary>
    public void Leave()
    {
        Turn? next;
        List<Turn>? late = null;
        lock (_lock)
        {
            if (!_begun.TryDequeue(out next))
            {
                late = TakeLate();
                if (!_new.TryDequeue(out next)) _free++;
            }
        }

        next?.SetResult(true);
        foreach (Turn turn in late ?? []) turn.SetResult(false);
    }

    /// <summary>
    /// Ends the wait of connections that have ended, since aborting one closes its socket, which no wait for a turn notices; and of those
    /// that have waited too long. Called once a sweep.
    /// </summary>
    public void TurnAway()
    {
        var gone = new List<Turn>();
        lock (_lock)
        {
            gone.AddRange(TakeLate() ?? []);
            TakeEnded(_begun, gone);
            TakeEnded(_new, gone);
        }

        foreach (Turn turn in gone) turn.SetResult(false);
    }

    // The first one has waited longest.
    private List<Turn>? TakeLate()
    {
        if (maxWait == Timeout.InfiniteTimeSpan || _new.Count == 0) return null;
        long now = time.GetTimestamp();
        List<Turn>? late = null;
        while (_new.TryPeek(out Turn? first) && time.GetElapsedTime(first.Since, now) > maxWait) (late ??= []).Add(_new.Dequeue());
        return late;
    }

    private static void TakeEnded(Queue<Turn> queue, List<Turn> ended)
    {
        for (int left = queue.Count; left > 0; left--)
        {
            Turn turn = queue.Dequeue();
            if (turn.HasEnded) ended.Add(turn);
            else queue.Enqueue(turn);
        }
    }

    // Continues on the thread pool: whoever leaves has a handshake of its own to go on with.
    private sealed class Turn(ConnectionLifetime? connection, long since)
        : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Since => since;

        public bool HasEnded => connection is not null && connection.End.Reason != CloseReason.None;
    }
}
