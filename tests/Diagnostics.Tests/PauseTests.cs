using RawEcho.Diagnostics.Sampling.Events;

namespace RawEcho.Diagnostics.Tests;

/// <summary>Pauses of the GC that last longer than an interval.</summary>
public class PauseTests
{
    [Fact]
    public async Task A_pause_that_is_heard_of_late_fills_as_many_intervals_as_it_lasted()
    {
        var pauses = new PauseStream();
        pauses.Suspend(1000, isForGc: true);
        pauses.Restart(1300);
        double told = 0, longest = 0;
        for (int i = 0; i < 8; i++)
        {
            long begin = System.Diagnostics.Stopwatch.GetTimestamp();
            await Task.Delay(100);
            (double percent, double length) = pauses.Take();
            Assert.InRange(percent, 0, 100);
            told += percent / 100 * System.Diagnostics.Stopwatch.GetElapsedTime(begin).TotalSeconds;
            longest = Math.Max(longest, length);
        }

        Assert.Equal(0.3, told, 0.05);
        Assert.Equal(0.3, longest, 0.001);
    }

    [Fact]
    public async Task A_pause_that_lasts_on_counts_as_far_as_it_has_come_and_once()
    {
        var pauses = new PauseStream(TimeSpan.FromMilliseconds(50));
        pauses.Suspend(1000, isForGc: true);
        await Task.Delay(100);
        Assert.InRange(pauses.Take().Percent, 50, 100);
        await Task.Delay(100);
        Assert.InRange(pauses.Take().Percent, 90, 100);
        pauses.Restart(1210);
        Assert.Equal(0.21, pauses.Take().Longest, 0.2);
    }

    [Fact]
    public async Task A_pause_whose_end_is_only_late_to_come_does_not_last_on()
    {
        var pauses = new PauseStream();
        pauses.Suspend(1000, isForGc: true);
        await Task.Delay(100);
        Assert.Equal((0, 0), pauses.Take());
        pauses.Restart(1005);
        Assert.Equal(0.005, pauses.Take().Longest, 0.001);
    }

    [Fact]
    public async Task What_was_counted_too_much_is_taken_back()
    {
        var pauses = new PauseStream(TimeSpan.FromMilliseconds(50));
        pauses.Suspend(1000, isForGc: true);
        await Task.Delay(100);
        double counted = pauses.Take().Longest;
        pauses.Restart(1010);
        pauses.Suspend(2000, isForGc: true);
        pauses.Restart(2020);
        await Task.Delay(20);
        Assert.True(counted >= 0.05);
        Assert.Equal((0, 0.02), pauses.Take());
    }
}
