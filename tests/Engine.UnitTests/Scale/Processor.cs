namespace RawEcho.Engine.UnitTests.Scale;

/// <summary>Cores that compute what comes, one thing after the other on each, in the order in which it came.</summary>
internal sealed class Processor(VirtualTime time, int cores)
{
    private readonly PriorityQueue<TimeSpan, TimeSpan> _freeAt = new(Enumerable.Repeat((TimeSpan.Zero, TimeSpan.Zero), cores));

    /// <summary>Takes something that needs so much CPU time.</summary>
    /// <returns>How long it takes until it is computed.</returns>
    public TimeSpan Compute(TimeSpan work)
    {
        TimeSpan free = _freeAt.Dequeue();
        TimeSpan done = (free > time.Now ? free : time.Now) + work;
        _freeAt.Enqueue(done, done);
        return done - time.Now;
    }
}
