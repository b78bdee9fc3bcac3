using System.Diagnostics;

namespace RawEcho.Client.Clocks;

/// <summary>
/// Notices that the wall clock is set: between two looks it has gone on by another time than the clock that only runs on. A daemon that
/// corrects it bit by bit (0.5 ms a second at most) is not noticed, and need not be. A machine that sleeps looks like a clock that is set.
/// </summary>
internal sealed class WallClockWatch
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(10);

    private DateTimeOffset _time;
    private long _ticks;

    public WallClockWatch() => (_time, _ticks) = Read();

    /// <summary>By how much it was set so far, forward above zero.</summary>
    public TimeSpan SetBy { get; private set; }

    /// <summary>A time of the wall clock, by how it stood at the last look, in ticks of Stopwatch.</summary>
    public long TicksOf(DateTimeOffset time) => _ticks + (long)((time - _time).TotalSeconds * Stopwatch.Frequency);

    /// <summary>Looks, which has to be done several times a second.</summary>
    /// <returns>By how much it was set since the last look; zero when it was not.</returns>
    public TimeSpan Look()
    {
        (DateTimeOffset time, long ticks) = Read();
        TimeSpan step = (time - _time) - Stopwatch.GetElapsedTime(_ticks, ticks);
        (_time, _ticks) = (time, ticks);
        if (step.Duration() < Least) return TimeSpan.Zero;
        SetBy += step;
        return step;
    }

    // Both at one time: a process that was stopped between the two readings reads again.
    private static (DateTimeOffset Time, long Ticks) Read()
    {
        while (true)
        {
            long before = Stopwatch.GetTimestamp();
            DateTimeOffset time = DateTimeOffset.UtcNow;
            if (Stopwatch.GetElapsedTime(before) < Least / 10) return (time, before);
        }
    }
}
