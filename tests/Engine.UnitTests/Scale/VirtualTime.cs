namespace RawEcho.Engine.UnitTests.Scale;

/// <summary>
/// Time that passes only when everything has been done that can be done now: asynchronous code runs in it on one thread, in the same order
/// in every run, as fast as it can be computed.
/// </summary>
internal sealed class VirtualTime : TimeProvider
{
    // Below the time stands a number, so that what is due at one moment has an order.
    private const int NumberBits = 28;

    private readonly Queue<(SendOrPostCallback Callback, object? State)> _now = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _later = new();
    private long _ticks;
    private long _number;

    /// <summary>Since the beginning.</summary>
    public TimeSpan Now => new(_ticks);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    /// <summary>Completes when so much time has passed. Two that are due at one moment complete in the order in which they began.</summary>
    public Task DelayAsync(TimeSpan time)
    {
        var delay = new TaskCompletionSource();
        _later.Enqueue(delay, ((_ticks + time.Ticks) << NumberBits) | _number++);
        if (_number >= 1L << NumberBits) throw new InvalidOperationException("More has happened than there are numbers for.");
        return delay.Task;
    }

    /// <summary>Runs what <paramref name="begin"/> begins until it is done or the time is over.</summary>
    /// <returns>Whether it is done.</returns>
    public bool Run(Func<Task> begin, TimeSpan limit)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Context(this));
        try
        {
            Task all = begin();
            while (!all.IsCompleted && TryStep(limit))
            {
                // One after the other.
            }

            if (all.IsFaulted) all.GetAwaiter().GetResult();
            return all.IsCompleted;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private bool TryStep(TimeSpan limit)
    {
        if (_now.TryDequeue(out (SendOrPostCallback Callback, object? State) next))
        {
            next.Callback(next.State);
            return true;
        }

        if (!_later.TryDequeue(out TaskCompletionSource? delay, out long due) || due >> NumberBits > limit.Ticks) return false;
        _ticks = due >> NumberBits;
        delay.SetResult();
        return true;
    }

    // Whatever thread posts, which is always the one that runs.
    private sealed class Context(VirtualTime time) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => time._now.Enqueue((d, state));

        public override SynchronizationContext CreateCopy() => this;
    }
}
