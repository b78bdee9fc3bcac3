using RawEcho.Charts;
using RawEcho.Charts.Axes;

namespace RawEcho.Reports.Tests.Charts;

public class ScaleTests
{
    [Theory]
    [InlineData(0, 123_000, "0 20,000 40,000 60,000 80,000 100,000 120,000 140,000")]
    [InlineData(0, 17, "0 5 10 15 20")]
    [InlineData(0, 1, "0 1")]
    [InlineData(0, 0, "0 1")]
    [InlineData(-3, 8, "-4 -2 0 2 4 6 8")]
    public void Counts_are_marked_in_round_steps_from_zero(double min, double max, string labels) =>
        Assert.Equal(labels, Labels(new LinearScale(Unit.Count, min, max)));

    [Theory]
    [InlineData(0.0049, "ms", "0 1 2 3 4 5")]
    [InlineData(0.00024, "µs", "0 50 100 150 200 250")]
    [InlineData(1.2, "s", "0.0 0.2 0.4 0.6 0.8 1.0 1.2")]
    [InlineData(0, "s", "0.0 0.2 0.4 0.6 0.8 1.0")]
    public void An_axis_counts_in_the_unit_that_its_largest_value_reads_best_in(double max, string unit, string labels)
    {
        var scale = new LinearScale(Unit.Seconds, 0, max);
        Assert.Equal((unit, labels), (scale.UnitSymbol, Labels(scale)));
        Assert.True(scale.To >= max);
    }

    [Fact]
    public void Bytes_are_counted_in_multiples_of_1024()
    {
        var scale = new LinearScale(Unit.Bytes, 0, 84 << 20);
        Assert.Equal(("MB", "0 20 40 60 80 100"), (scale.UnitSymbol, Labels(scale)));
        Assert.Equal(0.5, scale.Position(50 << 20), 9);
    }

    [Theory]
    [InlineData(1e-300)]
    [InlineData(1e-12)]
    [InlineData(3.3333333)]
    [InlineData(9.99999999999)]
    [InlineData(1e15)]
    [InlineData(1e300)]
    public void No_value_lies_beyond_its_axis_and_no_axis_is_crowded(double max)
    {
        var scale = new LinearScale(Unit.Ratio, 0, max);
        Assert.InRange(scale.Ticks.Count, 2, 9);
        Assert.InRange(scale.To, max * (1 - 1e-8), double.MaxValue);
        Assert.Equal(1, scale.Ticks[^1].Position, 9);
    }

    [Theory]
    [InlineData(10, "s", "0 2 4 6 8 10")]
    [InlineData(30, "s", "0 5 10 15 20 25 30")]
    [InlineData(0.25, "s", "0 0.05 0.1 0.15 0.2 0.25")]
    [InlineData(170, "min:s", "0:00 0:30 1:00 1:30 2:00 2:30")]
    [InlineData(3600, "min", "0 10 20 30 40 50 60")]
    [InlineData(86400, "h:min", "0:00 6:00 12:00 18:00 24:00")]
    [InlineData(864000, "days", "0 2 4 6 8 10")]
    [InlineData(8640000, "days", "0 20 40 60 80 100")]
    public void Time_is_marked_at_steps_that_people_count_in(double seconds, string unit, string labels)
    {
        var scale = new TimeScale(seconds);
        Assert.Equal((unit, labels), (scale.UnitSymbol, Labels(scale)));
        Assert.Equal(1, scale.Position(seconds));
    }

    [Fact]
    public void Each_nine_of_a_percentile_has_the_same_room()
    {
        var scale = new PercentileScale(99.99);
        Assert.Equal("0 % 50 % 90 % 99 % 99.9 % 99.99 %", Labels(scale));
        Assert.Equal([0, 0.25, 0.5, 0.75, 1], new[] { 0, 90, 99, 99.9, 99.99 }.Select(p => Math.Round(scale.Position(p), 9)));
        Assert.Equal(1, scale.Position(100));
    }

    [Fact]
    public void A_stall_makes_the_latency_axis_logarithmic_and_a_calm_run_does_not()
    {
        Assert.True(LogScale.Suits([0.0005, 0.0006, 0.0005, 1.0]));
        Assert.True(LogScale.Suits([0.00008, 0.0001, 0.009, 0.03, 0.01, 0.06]));
        Assert.False(LogScale.Suits([0.0005, 0.0006, 0.0005, 0.005]));
        Assert.False(LogScale.Suits([0, 0.0006, 1]));
        var scale = new LogScale(Unit.Seconds, 0.00054, 1.001);
        Assert.Equal("1 ms 10 ms 100 ms 1 s", Labels(scale));
        Assert.InRange(scale.Position(0.00054), 0.001, 0.1);
        Assert.InRange(scale.Position(1.001), 0.9, 0.999);
    }

    [Fact]
    public void A_logarithmic_axis_of_few_powers_is_marked_between_them() =>
        Assert.Equal("2 µs 5 µs 10 µs 20 µs 50 µs 100 µs", Labels(new LogScale(Unit.Seconds, 2.1e-6, 99e-6)));

    private static string Labels(Scale scale) => string.Join(' ', scale.Ticks.Select(t => t.Label));
}
