namespace RawEcho.Client.Load;

/// <summary>
/// How long this client stood still, by its pacer: a thread that is to wake up at a time and does so much later was not let run, and nor
/// were, as far as anybody can tell, the threads that take echoes. An echo that came meanwhile lay in the kernel, and the server is not to
/// blame for that time. May be called from any thread; all times are ticks of Stopwatch.
/// </summary>
internal sealed class ClientPauses
{
    private static readonly long Least = LoadRun.Ticks(LoadRecorder.InTime);

    private readonly Lock _lock = new();
    private long _total;
    private long _asleepUntil;
    private (long From, long To) _last;

    /// <summary>The pacer sleeps from now on.</summary>
    /// <param name="until">When it is to wake up.</param>
    public void FallAsleep(long until)
    {
        lock (_lock) _asleepUntil = until;
    }

    /// <summary>It woke up.</summary>
    public void WakeUp(long now)
    {
        lock (_lock)
        {
            long pause = PauseUntil(now);
            _asleepUntil = 0;
            if (pause == 0) return;
            _total += pause;
            _last = (now - pause, now);
        }
    }

    /// <summary>How long it stood still by now.</summary>
    public long Total(long now)
    {
        lock (_lock) return _total + PauseUntil(now);
    }

    /// <summary>How long it stood still by a time that may lie back, in the last pause or behind it.</summary>
    public long TotalAt(long time)
    {
        lock (_lock) return time >= _last.To ? _total : _total - (_last.To - Math.Max(_last.From, time));
    }

    private long PauseUntil(long now) => _asleepUntil != 0 && now - _asleepUntil >= Least ? now - _asleepUntil : 0;
}
