using RawEcho.Engine.Hosting;

namespace RawEcho.Engine.UnitTests;

public sealed class QuietWatchTests
{
    private readonly QuietWatch _watch = new();

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(399, 399, true)]
    [InlineData(400, 0, false)]
    [InlineData(0, 400, false)]
    [InlineData(80_000, 1500, false)]
    public void Quiet_is_little_to_do_and_little_computed_for_two_seconds(int operations, int usedMilliseconds, bool expected)
    {
        Assert.False(Look(10_000, 7, 5_000));
        Assert.False(Look(11_000, 7, 5_000));
        Assert.Equal(expected, Look(12_000, 7 + operations, 5_000 + usedMilliseconds));
    }

    [Fact]
    public void Each_quiet_window_counts_once_and_the_next_one_begins()
    {
        Look(0, 0, 0);
        Assert.True(Look(2_000, 10, 10));
        Assert.False(Look(2_500, 10, 10));
        Assert.False(Look(4_000, 500, 10));
        Assert.True(Look(6_000, 520, 20));
    }

    [Fact]
    public void What_there_was_is_asked_at_the_end_of_a_window_only()
    {
        Look(0, 0, 0);
        Assert.False(_watch.IsQuiet(1_999, () => throw new InvalidOperationException("Asked too early.")));
    }

    [Fact]
    public void What_was_before_the_first_look_does_not_count()
    {
        Assert.False(Look(1_000_000, 1_000_000, 900_000));
        Assert.True(Look(1_002_000, 1_000_001, 900_001));
    }

    private bool Look(long now, long operations, int used) => _watch.IsQuiet(now, () => new(operations, TimeSpan.FromMilliseconds(used)));
}
