namespace RawEcho.Engine.AspNetCore;

/// <summary>When an endpoint moves between the thread pool and the event loops.</summary>
internal sealed record GuardSettings
{
    /// <summary>Runs of application code in a row that must be without fault before it moves to the event loops, count.</summary>
    public int RunsBeforePromotion { get; init; } = 2000;

    /// <summary>How long a run may hold its thread. One pause in a thousand runs may be the collector's, or the machine's.</summary>
    public TimeSpan LongestRun { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>A run as long as this is nobody else's fault.</summary>
    public TimeSpan TooLongRun { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long an endpoint stays on the thread pool after it has held up a loop.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A loop that is held as long as this has stalled.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(1);
}
