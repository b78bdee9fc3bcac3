namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// An event loop's run of the application's code for one connection, from a result that has come to the next wait. What the connection
/// flushes meanwhile is sent at the end, in one piece: an answer that is flushed in parts, as JSON is, costs one TLS record and one system
/// call. Code that blocks or computes delays what it has flushed by two periods of <see cref="TurnWatch"/> at most.
/// </summary>
internal sealed class ApplicationTurn
{
    [ThreadStatic]
    private static ApplicationTurn? _current;

    // Written by the thread itself, read by the watch.
    private ConnectionWriter? _writer;
    private bool _isOwing;
    private int _count;

    // The watch's own.
    private int _seen;

    private ApplicationTurn() { }

    /// <summary>The thread whose turns these are.</summary>
    public Thread Thread { get; } = Thread.CurrentThread;

    private static ApplicationTurn Current => _current ??= TurnWatch.Add(new ApplicationTurn());

    /// <summary>Whether the code that runs on this thread is the writer's connection's own, and sends at its end.</summary>
    public static bool IsOf(ConnectionWriter writer) => _current?._writer == writer;

    /// <summary>The code that runs has flushed, and nothing was sent yet.</summary>
    public static void Owe()
    {
        ApplicationTurn turn = Current;
        if (turn._isOwing) return;
        Volatile.Write(ref turn._count, turn._count + 1);
        Volatile.Write(ref turn._isOwing, true);
        TurnWatch.Wake();
    }

    /// <summary>Runs code of a connection, and sends then what it has flushed. On the thread pool there are batches instead.</summary>
    public static void Run(ConnectionWriter writer, IWaiter waiter)
    {
        ApplicationTurn? turn = Thread.CurrentThread.IsThreadPoolThread ? null : Current;
        if (turn is not { _writer: null })
        {
            // Also within the same turn, or within another connection's, which is not ours to end.
            waiter.Resume();
            return;
        }

        Volatile.Write(ref turn._writer, writer);
        try
        {
            waiter.Resume();
        }
        finally
        {
            Volatile.Write(ref turn._writer, null);
            if (turn._isOwing)
            {
                Volatile.Write(ref turn._isOwing, false);
                writer.SendGathered();
            }
        }
    }

    /// <summary>Sends what has waited since the last look. Returns whether anything waits.</summary>
    public bool Look()
    {
        if (!Volatile.Read(ref _isOwing)) return false;
        int count = Volatile.Read(ref _count);
        // The writer may be the next turn's by now: then that sends early, which does no harm. On the pool, as application code may go on.
        if (count == _seen && Volatile.Read(ref _writer) is { } writer)
            ThreadPool.UnsafeQueueUserWorkItem(static w => w.SendGathered(), writer, preferLocal: false);
        _seen = count;
        return true;
    }
}
