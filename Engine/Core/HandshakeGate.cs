namespace RawEcho.Engine;

/// <summary>
/// Bounds the handshakes that compute at a time, and those that wait for their turn. A place is held only while there is
/// something to compute, never while waiting for a peer: silent and slow peers take none, so the queue always moves.
/// A handshake that was inside before goes first, because work was put into it already, and is never turned away.
/// </summary>
/// <param name="places">Handshakes that compute at a time, count.</param>
/// <param name="maxWaiting">New handshakes that may wait for their first turn, count.</param>
internal sealed class HandshakeGate(int places, int maxWaiting)
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
    /// <returns>False when too many wait already, or when the connection has ended while it waited: no place was taken.</returns>
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
            turn = new Turn(connection);
            (begun ? _begun : _new).Enqueue(turn);
        }

        return new ValueTask<bool>(turn.Task);
    }

    /// <summary>Gives a place to the next one.</summary>
    public void Leave()
    {
        Turn? next;
        lock (_lock)
        {
            if (!_begun.TryDequeue(out next) && !_new.TryDequeue(out next))
            {
                _free++;
                return;
            }
        }

        next.SetResult(true);
    }

    /// <summary>
    /// Ends the wait of connections that have ended: aborting one closes its socket, which no wait for a turn notices. Called once a sweep.
    /// </summary>
    public void TurnAwayEnded()
    {
        var ended = new List<Turn>();
        lock (_lock)
        {
            TakeEnded(_begun, ended);
            TakeEnded(_new, ended);
        }

        foreach (Turn turn in ended) turn.SetResult(false);
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
    private sealed class Turn(ConnectionLifetime? connection)
        : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public bool HasEnded => connection is not null && connection.End.Reason != CloseReason.None;
    }
}
