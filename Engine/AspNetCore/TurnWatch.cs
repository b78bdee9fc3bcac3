namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// Looks after turns that hold back what they have flushed: code that flushes and then blocks, perhaps for something that the peer does
/// only when it has the flushed bytes. It looks only while there are turns with something to send. It has a thread of its own: a timer
/// would wake a worker of the thread pool each time, which then spins for more work.
/// </summary>
internal static class TurnWatch
{
    private const int QuietLooks = 20;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(5);
    private static readonly Lock Gate = new();
    private static readonly List<ApplicationTurn> Turns = [];
    private static readonly AutoResetEvent Bell = new(initialState: false);

    private static Thread? _thread;
    private static int _isAwake;

    /// <summary>Looks after a thread from now on, until it ends.</summary>
    public static ApplicationTurn Add(ApplicationTurn turn)
    {
        lock (Gate)
        {
            Turns.RemoveAll(t => !t.Thread.IsAlive);
            Turns.Add(turn);
            if (_thread is null)
            {
                _thread = new Thread(Watch) { Name = "RawEcho turns", IsBackground = true };
                _thread.UnsafeStart();
            }
        }

        return turn;
    }

    /// <summary>There is something to look after.</summary>
    public static void Wake()
    {
        if (Volatile.Read(ref _isAwake) == 0 && Interlocked.Exchange(ref _isAwake, 1) == 0) Bell.Set();
    }

    private static void Watch()
    {
        while (true)
        {
            Bell.WaitOne();
            for (int quiet = 0; quiet < QuietLooks; quiet = LookAtAll() ? 0 : quiet + 1) Thread.Sleep(Period);
            Interlocked.Exchange(ref _isAwake, 0);
            // Whoever owes something since that look has found the watch awake.
            if (LookAtAll()) Wake();
        }
    }

    private static bool LookAtAll()
    {
        bool isAnyOwing = false;
        lock (Gate)
        {
            foreach (ApplicationTurn turn in Turns) isAnyOwing |= turn.Look();
        }

        return isAnyOwing;
    }
}
