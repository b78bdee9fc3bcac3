using RawEcho.Client;

namespace RawEcho.Engine.UnitTests;

public class LatencyHistogramTests
{
    [Theory]
    [InlineData(1, 100_000)]
    [InlineData(1_000, 50_000_000)]
    [InlineData(1_000_000, 100_000_000_000)]
    public void Percentiles_agree_with_the_exact_ones_within_a_thousandth(long from, long to)
    {
        var random = new Random(7);
        long[] values = [.. Enumerable.Range(0, 20_000).Select(_ => (long)Math.Exp(Math.Log(from) + (random.NextDouble() * Math.Log((double)to / from))))];
        var histogram = new LatencyHistogram();
        foreach (long value in values) histogram.Record(value);
        Array.Sort(values);

        foreach (double percent in new[] { 0.1, 50, 75, 90, 99, 99.9, 99.99, 100 })
        {
            long exact = values[Math.Max(0, (int)Math.Ceiling(values.Length * percent / 100) - 1)];
            double shown = histogram.Percentile(percent).TotalNanoseconds;
            // TimeSpan itself counts in steps of 100 ns.
            Assert.InRange(shown, (exact * 0.999) - 100, (exact * 1.001) + 100);
        }

        Assert.Equal(values[^1] / 100.0, histogram.Max.Ticks, tolerance: 1);
    }

    [Fact]
    public void Merging_equals_recording_everything_in_one()
    {
        var random = new Random(11);
        var (one, two, all) = (new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram());
        for (int i = 0; i < 10_000; i++)
        {
            long value = random.NextInt64(1, 1L << random.Next(1, 40));
            (i % 3 == 0 ? one : two).Record(value);
            all.Record(value);
        }

        one.Add(two);
        Assert.Equal(all.Count, one.Count);
        Assert.Equal(all.Max, one.Max);
        for (double p = 1; p <= 100; p += 0.5) Assert.Equal(all.Percentile(p), one.Percentile(p));
    }

    [Fact]
    public void Values_beyond_the_range_are_counted_and_the_largest_stays_exact()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(-5);
        histogram.Record(long.MaxValue);
        Assert.Equal(2, histogram.Count);
        Assert.True(histogram.Max > TimeSpan.FromMinutes(2));
        Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Percentile(99));
    }
}
