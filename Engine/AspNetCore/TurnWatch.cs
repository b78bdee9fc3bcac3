namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// Looks after turns that hold back what they have flushed: code that flushes and then blocks, perhaps for something that the peer does
/// only when it has the flushed bytes. It looks only while there are turns with something to send.
/// </summary>
internal static class TurnWatch
{
    private const int QuietLooks = 20;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(5);
    private static readonly Lock Gate = new();
    private static readonly List<Turn> Turns = [];
    private static readonly Timer Clock = new(static _ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private static int _isAwake;
    private static int _quietLooks;
    private static int _isLooking;

    /// <summary>Looks after a thread from now on, until it ends.</summary>
    public static Turn Add(Turn turn)
    {
        lock (Gate)
        {
            Turns.RemoveAll(t => !t.Thread.IsAlive);
            Turns.Add(turn);
        }

        return turn;
    }

    /// <summary>There is something to look after.</summary>
    public static void Wake()
    {
        if (Volatile.Read(ref _isAwake) == 1 || Interlocked.Exchange(ref _isAwake, 1) == 1) return;
        Clock.Change(Period, Period);
    }

    private static void Look()
    {
        // A look may take longer than the period.
        if (Interlocked.Exchange(ref _isLooking, 1) == 1) return;
        try
        {
            _quietLooks = LookAtAll() ? 0 : _quietLooks + 1;
            if (_quietLooks < QuietLooks) return;
            _quietLooks = 0;
            Clock.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Interlocked.Exchange(ref _isAwake, 0);
            // Whoever owes since that look has found the clock running.
            if (LookAtAll()) Wake();
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    private static bool LookAtAll()
    {
        Turn[] turns;
        lock (Gate) turns = [.. Turns];
        bool isAnyOwing = false;
        foreach (Turn turn in turns) isAnyOwing |= turn.Look();
        return isAnyOwing;
    }
}
