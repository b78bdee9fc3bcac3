using System.Threading.Tasks.Sources;

namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// The context in which guarded code runs: the runtime asks it to wait whenever code blocks its thread for a lock, an event or a task. Code
/// that goes on after an await of something else than the connection's pipes does so on the thread pool, and is watched there as well.
/// </summary>
internal sealed class BlockingWatch : SynchronizationContext
{
    // What a wait returns that was not successful (WaitHandle.WaitTimeout).
    private const int TimedOut = WaitHandle.WaitTimeout;

    // A lock that others hold for an instant is no reason to leave the loop.
    private const int Instant = 1;

    private readonly EndpointGuard _guard;

    public BlockingWatch(EndpointGuard guard)
    {
        _guard = guard;
        SetWaitNotificationRequired();
    }

    /// <summary>Whoever awaits the connection's pipes is resumed by the guard itself, on the thread that it chooses.</summary>
    public static ValueTaskSourceOnCompletedFlags Without(ValueTaskSourceOnCompletedFlags flags) =>
        Current is BlockingWatch ? flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext : flags;

    public override int Wait(IntPtr[] waitHandles, bool waitAll, int millisecondsTimeout)
    {
        GuardedThread thread = GuardedThread.Current;
        if (thread.Guard != _guard || millisecondsTimeout == 0) return base.Wait(waitHandles, waitAll, millisecondsTimeout);
        if (!thread.IsLoop)
        {
            _guard.OnBlockedPool(thread);
            return base.Wait(waitHandles, waitAll, millisecondsTimeout);
        }

        int result = base.Wait(waitHandles, waitAll, millisecondsTimeout < 0 ? Instant : Math.Min(Instant, millisecondsTimeout));
        if (result != TimedOut || millisecondsTimeout is >= 0 and <= Instant) return result;
        // Now, because it may never return: what other connections of the endpoint bring runs on the pool from here on.
        _guard.OnBlockedLoop(thread);
        return base.Wait(waitHandles, waitAll, millisecondsTimeout < 0 ? millisecondsTimeout : millisecondsTimeout - Instant);
    }

    public override void Post(SendOrPostCallback d, object? state) =>
        ThreadPool.UnsafeQueueUserWorkItem(
            static work => work.Guard.Run(static w => w.Callback(w.State), (work.Callback, work.State)),
            (Guard: _guard, Callback: d, State: state),
            preferLocal: false);

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;
}
