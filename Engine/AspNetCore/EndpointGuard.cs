using System.Diagnostics;

namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// Decides for one endpoint where its application code runs: on the thread pool at first; on the event loops when it has shown over many
/// runs that it neither blocks nor computes for long; on the pool again, for a good while, as soon as it holds up a loop.
/// </summary>
internal sealed class EndpointGuard
{
    // Of so many runs one may be held up by the collector or the machine.
    private const long RunsPerPause = 1000;

    private readonly GuardSettings _settings;
    private readonly IGuardLog _log;
    private readonly BlockingWatch _watch;
    private readonly Lock _lock = new();

    // Written under the lock, read by every run: a run that is late by one does no harm.
    private volatile bool _isOnLoop;
    private volatile bool _isBlockingKnown;
    private long _mayMoveAt;

    // Counted by runs on any thread; nothing else is ordered by them.
    private long _runs;
    private long _lastPause;

    public EndpointGuard(GuardSettings settings, IGuardLog log)
    {
        _settings = settings;
        _log = log;
        _watch = new BlockingWatch(this);
    }

    /// <summary>Whether the code runs on the event loops now.</summary>
    public bool IsOnLoop => _isOnLoop;

    /// <summary>Runs application code, or lets the pool do it where this thread is a loop and should not.</summary>
    public void Run<T>(Action<T> code, T argument)
    {
        GuardedThread thread = GuardedThread.Current;
        if (thread.Guard is not null)
        {
            // A part of the run that is under way.
            code(argument);
        }
        else if (thread.IsLoop && !_isOnLoop)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static w => w.Guard.Run(w.Code, w.Argument), (Guard: this, Code: code, Argument: argument), preferLocal: false);
        }
        else
        {
            RunHere(thread, code, argument);
        }
    }

    /// <summary>Whether a run of this length may count against the endpoint.</summary>
    public bool IsLong(TimeSpan elapsed) => elapsed >= _settings.LongestRun;

    /// <summary>Code of this endpoint blocks its thread of the pool.</summary>
    public void OnBlockedPool(GuardedThread thread)
    {
        thread.HasBlocked = true;
        // Not only at the end of the run, which may serve one request after the other.
        Interlocked.Exchange(ref _runs, 0);
        if (_isBlockingKnown) return;
        _isBlockingKnown = true;
        _log.StaysOnPool(thread.Route, Environment.StackTrace);
    }

    /// <summary>Code of this endpoint blocks its event loop.</summary>
    public void OnBlockedLoop(GuardedThread thread)
    {
        thread.HasBlocked = true;
        LeaveLoop("waited synchronously", thread.Route, Environment.StackTrace);
    }

    private void RunHere<T>(GuardedThread thread, Action<T> code, T argument)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_watch);
        thread.Begin(this);
        try
        {
            code(argument);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
            Judge(thread);
            thread.End();
        }
    }

    private void Judge(GuardedThread thread)
    {
        if (!thread.HasRun) return;
        TimeSpan elapsed = thread.Elapsed;
        long runs = Interlocked.Increment(ref _runs);
        if (thread.IsLoop) JudgeLoop(thread, elapsed, runs);
        else if (thread.HasBlocked || IsTooLong(elapsed, runs)) Interlocked.Exchange(ref _runs, 0);
        else if (runs >= _settings.RunsBeforePromotion && !_isOnLoop) MoveToLoop();
    }

    private void JudgeLoop(GuardedThread thread, TimeSpan elapsed, long runs)
    {
        if (IsTooLong(elapsed, runs)) LeaveLoop($"held its event loop for {elapsed.TotalMilliseconds:0} ms", thread.Route, stack: null);
    }

    private bool IsTooLong(TimeSpan elapsed, long runs)
    {
        if (!IsLong(elapsed)) return false;
        long before = Interlocked.Exchange(ref _lastPause, runs);
        return elapsed >= _settings.TooLongRun || (before != 0 && runs - before < RunsPerPause);
    }

    private void MoveToLoop()
    {
        lock (_lock)
        {
            if (_isOnLoop || Stopwatch.GetTimestamp() < _mayMoveAt) return;
            _isOnLoop = true;
            Interlocked.Exchange(ref _lastPause, 0);
        }

        _log.MovedToLoop(_settings.RunsBeforePromotion);
    }

    private void LeaveLoop(string what, string route, string? stack)
    {
        lock (_lock)
        {
            if (!_isOnLoop) return;
            _isOnLoop = false;
            _mayMoveAt = Stopwatch.GetTimestamp() + (long)(_settings.Retry.TotalSeconds * Stopwatch.Frequency);
            Interlocked.Exchange(ref _runs, 0);
        }

        _log.LeftLoop(what, route, stack, _settings.Retry);
    }
}
