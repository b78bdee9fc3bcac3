using RawEcho.Engine.Hosting;

namespace RawEcho.Engine.UnitTests;

public sealed class QuietWatchTests
{
    private readonly QuietWatch _watch = new();

    [Theory]
    [InlineData(0, true)]
    [InlineData(99, true)]
    [InlineData(100, false)]
    [InlineData(4000, false)]
    public void Quiet_is_less_than_a_twentieth_of_a_processor_for_two_seconds(int usedMilliseconds, bool expected)
    {
        Assert.False(Look(10_000, 5_000));
        Assert.False(Look(11_000, 5_000));
        Assert.Equal(expected, Look(12_000, 5_000 + usedMilliseconds));
    }

    [Fact]
    public void Each_quiet_window_counts_once_and_the_next_one_begins()
    {
        Look(0, 0);
        Assert.True(Look(2_000, 10));
        Assert.False(Look(2_500, 10));
        Assert.False(Look(4_000, 500));
        Assert.True(Look(6_000, 520));
    }

    [Fact]
    public void The_time_used_is_asked_at_the_end_of_a_window_only()
    {
        Look(0, 0);
        Assert.False(_watch.IsQuiet(1_999, () => throw new InvalidOperationException("Asked too early.")));
    }

    [Fact]
    public void What_was_used_before_the_first_look_does_not_count()
    {
        Assert.False(Look(1_000_000, 900_000));
        Assert.True(Look(1_002_000, 900_001));
    }

    private bool Look(long now, int used) => _watch.IsQuiet(now, () => TimeSpan.FromMilliseconds(used));
}
