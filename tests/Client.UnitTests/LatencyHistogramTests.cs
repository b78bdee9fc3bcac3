using RawEcho.Client.Load;
using RawEcho.Client.Results;

namespace RawEcho.Client.UnitTests;

/// <summary>The histogram against exact arithmetic, over many seeded sets of values.</summary>
public class LatencyHistogramTests
{
    private static readonly double[] Percents = [0.1, 50, 75, 90, 95, 99, 99.9, 99.99, 100];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Percentiles_agree_with_the_exact_ones_within_a_thousandth(int seed)
    {
        long[] values = RandomValues(seed);
        var histogram = new LatencyHistogram();
        foreach (long value in values) histogram.Record(value);
        Array.Sort(values);

        foreach (double percent in Percents)
        {
            long exact = values[Math.Max(1, (int)Math.Ceiling(values.Length * percent / 100)) - 1];
            Assert.InRange(histogram.Percentile(percent)!.Value, exact * 0.999, exact * 1.001);
        }

        Assert.Equal(values[^1], histogram.Max);
        Assert.Equal(values.Length, histogram.Count);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Merging_equals_recording_everything_in_one(int seed)
    {
        var random = new Random(seed);
        LatencyHistogram[] parts = [.. Enumerable.Range(0, random.Next(2, 6)).Select(_ => new LatencyHistogram())];
        var all = new LatencyHistogram();
        foreach (long value in RandomValues(seed))
        {
            parts[random.Next(parts.Length)].Record(value);
            all.Record(value);
        }

        var merged = new LatencyHistogram();
        foreach (LatencyHistogram part in parts) merged.Add(part);
        AssertEqual(all, merged);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_histogram_comes_back_from_its_published_form_as_it_was(int seed)
    {
        var histogram = new LatencyHistogram();
        foreach (long value in RandomValues(seed)) histogram.Record(value);
        LatencyResult published = LatencyResult.Of(histogram);
        Assert.True(published.IsSound());
        AssertEqual(histogram, published.ToHistogram());
    }

    [Fact]
    public void A_difference_holds_what_came_in_between()
    {
        var (before, now) = (new LatencyHistogram(), new LatencyHistogram());
        var (between, difference) = (new LatencyHistogram(), new LatencyHistogram());
        foreach (long value in RandomValues(3))
        {
            before.Record(value);
            now.Record(value);
        }

        foreach (long value in RandomValues(4))
        {
            between.Record(value);
            now.Record(value);
        }

        difference.Record(1);
        difference.SetDifference(now, before);
        Assert.Equal(between.Count, difference.Count);
        Assert.Equal(between.Buckets, difference.Buckets);
    }

    [Fact]
    public void Values_beyond_the_range_are_counted_and_the_largest_stays_exact()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(-5);
        histogram.Record(long.MaxValue);
        Assert.Equal(2, histogram.Count);
        Assert.Equal(long.MaxValue, histogram.Max);
        Assert.True(histogram.Percentile(100) > TimeSpan.FromMinutes(4).TotalNanoseconds);
        Assert.Null(new LatencyHistogram().Percentile(99));
        Assert.Null(new LatencyHistogram().Max);
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (long value = 1; value < 1L << 40; value *= 3) histogram.Record(value);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void AssertEqual(LatencyHistogram expected, LatencyHistogram actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.Equal(expected.Max, actual.Max);
        Assert.Equal(expected.Buckets, actual.Buckets);
        foreach (double percent in Percents) Assert.Equal(expected.Percentile(percent), actual.Percentile(percent));
    }

    // From nanoseconds to minutes, each time another mixture: log-uniform, clustered, or with a long tail.
    private static long[] RandomValues(int seed)
    {
        var random = new Random(seed);
        double low = Math.Pow(10, random.Next(0, 6));
        double high = low * Math.Pow(10, random.Next(1, 6));
        double tail = random.NextDouble() * 0.1;
        return [.. Enumerable.Range(0, random.Next(1, 20_000)).Select(_ => Math.Min(Value(), 200_000_000_000))];

        long Value() =>
            (long)(random.NextDouble() < tail ? high : low * Math.Exp(random.NextDouble() * Math.Log(high / low)));
    }
}
