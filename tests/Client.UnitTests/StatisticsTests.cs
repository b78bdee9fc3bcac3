using RawEcho.Client.Load;
using RawEcho.Client.Results;
using RawEcho.Client.Statistics;

namespace RawEcho.Client.UnitTests;

/// <summary>The test that tells a change from noise, and the noise inside one run.</summary>
public class StatisticsTests
{
    [Theory]
    [InlineData(4, 4, 2.0 / 70)]
    [InlineData(5, 5, 2.0 / 252)]
    [InlineData(3, 3, 0.1)]
    [InlineData(1, 1, 1)]
    [InlineData(10, 10, 2.0 / 184_756)]
    public void Samples_that_do_not_overlap_have_the_least_p_value(int first, int second, double p)
    {
        double[] low = [.. Enumerable.Range(0, first).Select(i => (double)i)];
        double[] high = [.. Enumerable.Range(100, second).Select(i => (double)i)];
        Assert.Equal(p, MannWhitney.PValue(low, high), 1e-12);
        Assert.Equal(p, MannWhitney.PValue(high, low), 1e-12);
        Assert.Equal(p, MannWhitney.LeastPValue(first, second), 1e-12);
    }

    // By hand: U = 2 of 16, and 4 of the 70 ways have a U up to 1 or so: 1, 1, 2 ways for U of 0, 1, 2, on both sides.
    [Fact]
    public void A_p_value_is_that_of_the_tables() => Assert.Equal(8.0 / 70, MannWhitney.PValue([1, 2, 3, 6], [4, 5, 7, 8]), 1e-12);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_way_is_counted_ties_included(int seed)
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, 9).Select(_ => (double)random.Next(5))];
        double[] first = values[..4], second = values[4..];
        Assert.Equal(ByHand(values, 4), MannWhitney.PValue(first, second), 1e-12);
        Assert.Equal(1, MannWhitney.PValue([3, 3, 3], [3, 3, 3]));
    }

    [Fact]
    public void Runs_that_do_not_differ_are_seldom_called_different()
    {
        var random = new Random(11);
        const int times = 400;
        int called = Enumerable.Range(0, times).Count(_ => MannWhitney.PValue(Draw(random), Draw(random)) < 0.05);
        // The exact test keeps to its level: 5 % and 3.5 standard deviations.
        Assert.InRange(called, 0, 36);

        static double[] Draw(Random random) => [.. Enumerable.Range(0, 6).Select(_ => Math.Exp(random.NextDouble() * 3))];
    }

    [Fact]
    public void A_median_lies_in_the_middle()
    {
        Assert.Equal(2, new FigureSample([3, 1, 2]).Median);
        Assert.Equal(2.5, new FigureSample([4, 1, 3, 2]).Median);
        Assert.Null(FigureSample.Of([1, null]));
        Assert.Null(FigureSample.Of([]));
    }

    [Fact]
    public void Neighbours_that_are_alike_make_a_wide_interval()
    {
        // Ten steps that drift look steady from one to the next, and are not.
        double[] drift = [100, 101, 110, 111, 120, 121, 130, 131, 140, 141];
        NoiseInterval wide = NoiseInterval.OfMean(drift)!.Value;
        Assert.InRange(wide.Low, 85, 92);
        Assert.InRange(wide.High, 149, 155);
        Assert.True(wide.Overlaps(NoiseInterval.OfMean([.. drift.Select(d => d + 50)])!.Value));
        Assert.False(wide.Overlaps(NoiseInterval.OfMean([.. drift.Select(d => d + 500)])!.Value));
        Assert.Null(NoiseInterval.OfMean([1, 2, 3]));
    }

    [Fact]
    public void A_percentile_lies_between_its_ranks()
    {
        var histogram = new LatencyHistogram();
        for (int i = 1; i <= 1000; i++) histogram.Record(i);
        IReadOnlyList<long[]> buckets = LatencyResult.Of(histogram).Histogram;
        // np = 500, and 2.576 times the square root of 250 is 40.7.
        NoiseInterval median = NoiseInterval.OfPercentile(buckets, 50)!.Value;
        Assert.Equal((459.0, 542.0), (median.Low, median.High));
        Assert.Null(NoiseInterval.OfPercentile(buckets, 99.9));
    }

    // The definition: how many of all choices lie as far from the mean of their rank sums.
    private static double ByHand(double[] values, int chosen)
    {
        double[] sorted = [.. values.Order()];
        double[] ranks = [.. values.Select(v => (Array.IndexOf(sorted, v) + Array.LastIndexOf(sorted, v) + 2) / 2.0)];
        double expected = chosen * (values.Length + 1) / 2.0, observed = Math.Abs(ranks.Take(chosen).Sum() - expected);
        int[] choices = [.. Enumerable.Range(0, 1 << values.Length).Where(m => int.PopCount(m) == chosen)];
        double far = choices.Count(m => Math.Abs(ranks.Where((_, i) => (m >> i & 1) == 1).Sum() - expected) >= observed - 1e-9);
        return far / choices.Length;
    }
}
