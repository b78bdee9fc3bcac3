using RawEcho.Soak;

namespace RawEcho.Engine.UnitTests;

/// <summary>The arithmetic by which the soak (tests/Soak) tells growth from warm-up and from noise.</summary>
public sealed class SoakVerdictTests
{
    private const string Native = "Native (malloc)";

    [Fact]
    public void The_slope_is_per_hour_and_two_outliers_do_not_move_it()
    {
        double[] values = [10, 11, 99, 13, 14, -50, 16];
        Assert.Equal(60, Trend.Slope([.. values.Select((v, minute) => (minute / 60.0, v))]), 6);
    }

    [Fact]
    public void Less_than_two_moments_have_no_slope()
    {
        Assert.Equal(0, Trend.Slope([]));
        Assert.Equal(0, Trend.Slope([(1, 5)]));
        Assert.Equal(0, Trend.Slope([(1, 5), (1, 9)]));
    }

    [Theory]
    [InlineData(new double[] { 3, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 2, 3 }, 2.5)]
    public void The_median_is_the_middle(double[] values, double expected) => Assert.Equal(expected, Trend.Median(values));

    [Theory]
    [InlineData(6, 2)]
    [InlineData(29, 29 / 3.0)]
    [InlineData(30, 10)]
    [InlineData(60, 20)]
    public void Warm_up_is_a_third_and_ten_minutes_of_a_long_run_at_least(int minutes, double expected) =>
        Assert.Equal(expected, Verdict.WarmUp(TimeSpan.FromMinutes(minutes)).TotalMinutes, 6);

    [Fact]
    public void An_hour_that_is_flat_after_its_warm_up_holds_whatever_the_warm_up_was()
    {
        IReadOnlyList<Verdict> verdicts = Verdict.Evaluate(Run(60, minute => minute < 20 ? minute * 5 : 100 + (minute % 3)));
        Assert.All(verdicts, v => Assert.True(v.Holds, v.Line));
        Assert.Contains("flat", verdicts[0].Line, StringComparison.Ordinal);
    }

    [Fact]
    public void Pages_that_are_given_back_now_and_then_are_no_growth_and_hide_none()
    {
        // A saw whose teeth become more frequent, by chance, on a floor that stays, and on one that rises.
        double Saw(int minute) => minute % 4 == 0 ? 0 : 5 + (minute / 6.0);
        Assert.True(Verdict.Evaluate(Run(60, minute => 30 + Saw(minute)))[0].Holds);
        Assert.False(Verdict.Evaluate(Run(60, minute => 30 + Saw(minute) + (3 * minute / 60.0)))[0].Holds);
    }

    [Fact]
    public void A_window_that_has_hardly_begun_does_not_count()
    {
        // The least of each five minutes is 50; the one sample of the 61st minute is no least of anything.
        double At(int minute) => minute == 61 ? 70 : minute % 5 == 2 ? 50 : 55;
        Assert.Contains("slope   0.00", Verdict.Evaluate(Run(61, At))[0].Line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.9, true)]
    [InlineData(2.1, false)]
    public void An_hour_allows_growth_of_less_than_two_MiB(double perHour, bool holds)
    {
        IReadOnlyList<Verdict> verdicts = Verdict.Evaluate(Run(60, minute => 50 + (perHour * minute / 60)));
        Assert.Equal(holds, verdicts.Single(v => v.Line.StartsWith(Native, StringComparison.Ordinal)).Holds);
        Assert.Equal(holds ? 0 : 1, verdicts.Count(v => !v.Holds));
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(300, false)]
    public void A_run_of_minutes_allows_four_MiB_between_its_thirds(double perHour, bool holds) =>
        Assert.Equal(holds, Verdict.Evaluate(Run(10, minute => 50 + (perHour * minute / 60)))[0].Holds);

    [Fact]
    public void A_run_of_minutes_says_what_it_cannot_tell()
    {
        Assert.Contains("72 MiB per hour", Verdict.Meaning(TimeSpan.FromMinutes(10)), StringComparison.Ordinal);
        Assert.Contains("less than 2 MiB per hour", Verdict.Meaning(TimeSpan.FromMinutes(60)), StringComparison.Ordinal);
    }

    [Fact]
    public void One_more_socket_at_rest_is_growth() =>
        Assert.False(Verdict.Evaluate([.. Run(10, _ => 50).Select((s, i) => s with { Sockets = i < 6 ? 10 : 11 })])
            .Single(v => v.Line.StartsWith("Sockets", StringComparison.Ordinal)).Holds);

    [Fact]
    public void Two_samples_are_no_run() => Assert.Throws<ArgumentException>(() => Verdict.Evaluate(Run(2, _ => 1)));

    private static Sample[] Run(int minutes, Func<int, double> native) =>
        [.. Enumerable.Range(1, minutes)
            .Select(minute => new Sample(TimeSpan.FromMinutes(minute), native(minute), 5, 10, native(minute) + 10, 10, 20))];
}
