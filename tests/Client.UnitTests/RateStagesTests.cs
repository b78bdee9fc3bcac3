using System.Diagnostics;
using RawEcho.Client.Load;

namespace RawEcho.Client.UnitTests;

/// <summary>A rate that changes in stages, and arrivals at random times: what is due when.</summary>
public class RateStagesTests
{
    private const long Start = 1_000_000_000;
    private const double Highest = 10_000_000;
    private static readonly long Second = Stopwatch.Frequency;

    [Fact]
    public void Each_stage_goes_evenly_from_the_rate_before_it_to_its_own()
    {
        // 500 on the way up, 1000 at the rate, nothing for two seconds behind a jump, and 250 on a way up again.
        RateSchedule schedule = Schedule("1k:1s,1k:1s,0:0s,0:2s,500:1s");
        Assert.Equal(125, schedule.FirstFrom(Start + (Second / 2)));
        Assert.Equal(500, schedule.FirstFrom(Start + Second));
        Assert.Equal(1000, schedule.FirstFrom(Start + (3 * Second / 2)));
        Assert.Equal(1500, schedule.FirstFrom(Start + (2 * Second)));
        Assert.Equal(1500, schedule.FirstFrom(Start + (3 * Second)));
        Assert.Equal(Start + (4 * Second), schedule.DueAt(1500));
        Assert.True(schedule.DueAt(1749) < Start + (5 * Second));
        for (long k = 1; k < 1750; k++) Assert.True(schedule.DueAt(k) >= schedule.DueAt(k - 1));
    }

    [Fact]
    public void Behind_the_last_stage_nothing_is_due_and_nothing_counts_as_not_sent()
    {
        RateSchedule schedule = Schedule("100:0s,100:1s");
        Assert.Equal(long.MaxValue, schedule.DueAt(100));
        Assert.Equal(100, schedule.FirstFrom(Start + (5 * Second)));
        var waited = new List<long>();
        Assert.Equal(25, schedule.CountUnsent(2, 4, Start, Start + (9 * Second), long.MaxValue, waited.Add));
        Assert.All(waited, w => Assert.InRange(w, 8 * Second, 9 * Second));
        Assert.Equal(10, schedule.CountUnsent(2, 4, Start, Start + (9 * Second), most: 10, waited: null));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Counting_alone_comes_to_what_counting_one_by_one_comes_to(bool isPoisson)
    {
        var random = new Random(7);
        for (int i = 0; i < 300; i++)
        {
            IEnumerable<string> stages = Enumerable.Range(0, random.Next(1, 5)).Select(_ => $"{random.Next(0, 500)}:{random.Next(0, 3)}s");
            int step = random.Next(1, 40);
            RateSchedule schedule = Schedule($"{string.Join(',', stages)},100:1s", isPoisson ? new PoissonArrivals(i, step) : null);
            for (int asked = 0; asked < 5; asked++)
            {
                long next = random.Next(0, 800), most = random.Next(0, 2) == 0 ? random.Next(0, 50) : long.MaxValue;
                long from = Start + random.NextInt64(4 * Second), end = from + random.NextInt64(-Second, 9 * Second);
                long each = 0;
                schedule.CountUnsent(next, step, from, end, most, _ => each++);
                Assert.Equal(each, schedule.CountUnsent(next, step, from, end, most, waited: null));
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_first_message_from_a_time_is_due_then_or_later_and_the_one_before_it_earlier(bool isPoisson)
    {
        var random = new Random(5);
        for (int i = 0; i < 300; i++)
        {
            IEnumerable<string> stages =
                Enumerable.Range(0, random.Next(1, 5)).Select(_ => $"{random.Next(1, 5000)}:{random.Next(0, 4)}");
            RateSchedule schedule = Schedule(
                $"{string.Join(',', stages)},{random.Next(0, 2000)}:3", isPoisson ? new PoissonArrivals(i, reach: 64) : null);
            long time = Start + random.NextInt64(12 * Second);
            long k = schedule.FirstFrom(time);
            Assert.True(schedule.DueAt(k) >= time);
            if (k > 0) Assert.True(schedule.DueAt(k - 1) < time);
        }
    }

    [Theory]
    [InlineData("1k:30s,5k:1m,0:10s", "1000:30s,5000:60s,0:10s", 100)]
    [InlineData("0.5:10", "0.5:10s", 10)]
    [InlineData("1.5k:0s,1500:250ms", "1500:0s,1500:0.25s", 0.25)]
    public void Stages_are_rates_and_times(string text, string written, double seconds)
    {
        Assert.True(RateStages.TryParse(text, Highest, out RateStages stages));
        Assert.Equal((written, seconds), (stages.ToString(), stages.Time.TotalSeconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1k")]
    [InlineData("1k:30s,")]
    [InlineData("1k:30s:5s")]
    [InlineData(":30s")]
    [InlineData("-1:30s")]
    [InlineData("fast:30s")]
    [InlineData("1k:soon")]
    [InlineData("1k:off")]
    [InlineData("1k:0s")]
    [InlineData("0:30s")]
    [InlineData("1:1s")]
    [InlineData("11M:30s")]
    [InlineData("1:25d")]
    [InlineData("1:600h")]
    public void What_are_no_stages_is_refused(string text) => Assert.False(RateStages.TryParse(text, Highest, out _));

    [Fact]
    public void What_is_measured_of_stages_has_a_mean_rate()
    {
        Assert.True(RateStages.TryParse("1k:2s,1k:3s", Highest, out RateStages stages));
        var shape = new LoadShape { Clients = 1, Sizes = SizeDistribution.Of(1, 1), Stages = stages };
        Assert.Equal(800, shape.OwnMeanRate!.Value, precision: 6);
        Assert.Equal(1000, (shape with { Warmup = TimeSpan.FromSeconds(2) }).OwnMeanRate!.Value, precision: 6);
    }

    [Fact]
    public void Gaps_of_poisson_arrivals_are_exponential_and_independent()
    {
        const int count = 200_000;
        var arrivals = new PoissonArrivals(seed: 7, reach: 1);
        double[] positions = [.. Enumerable.Range(0, count).Select(k => arrivals.PositionOf(k))];
        double[] gaps = [.. positions.Select((p, k) => p - (k == 0 ? 0 : positions[k - 1]))];
        Assert.All(gaps, g => Assert.True(g >= 0));
        // The mean and the deviation of an exponential are the same, here 1; five standard errors are allowed.
        Assert.Equal(1, gaps.Average(), tolerance: 5 / Math.Sqrt(count));
        Assert.Equal(1, gaps.Average(g => (g - 1) * (g - 1)), tolerance: 5 * Math.Sqrt(8.0 / count));
        foreach (double longer in (double[])[0.1, 1, 3])
        {
            double share = Math.Exp(-longer), error = Math.Sqrt(share * (1 - share) / count);
            Assert.Equal(share, gaps.Count(g => g > longer) / (double)count, tolerance: 5 * error);
        }

        double together = Enumerable.Range(1, count - 1).Average(k => (gaps[k] - 1) * (gaps[k - 1] - 1));
        Assert.Equal(0, together, tolerance: 5 / Math.Sqrt(count));
        // Counts of equal times have a variance as large as their mean. Even gaps would have next to none.
        int[] counts = [.. positions.Where(p => p < 100_000).CountBy(p => (int)(p / 10)).Select(c => c.Value)];
        Assert.Equal(10, counts.Average(c => (c - 10.0) * (c - 10.0)), tolerance: 1);
    }

    [Fact]
    public void Poisson_arrivals_are_the_same_with_the_same_seed_in_whatever_order_they_are_asked_for()
    {
        var inOrder = new PoissonArrivals(seed: 3, reach: 64);
        double[] positions = [.. Enumerable.Range(0, 300_000).Select(k => inOrder.PositionOf(k))];
        var across = new PoissonArrivals(seed: 3, reach: 64);
        foreach (int k in (int[])[299_999, 0, 150_000, 1023, 1024, 299_998, 5]) Assert.Equal(positions[k], across.PositionOf(k));
        Assert.NotEqual(positions[0], new PoissonArrivals(seed: 4, reach: 64).PositionOf(0));
        foreach (int k in (int[])[0, 1023, 1024, 100_000])
        {
            Assert.Equal(k, across.FirstFrom(positions[k]));
            Assert.Equal(k + 1, across.FirstFrom(Math.BitIncrement(positions[k])));
        }
    }

    private static RateSchedule Schedule(string text, PoissonArrivals? arrivals = null)
    {
        Assert.True(RateStages.TryParse(text, Highest, out RateStages stages), text);
        return new RateSchedule(Start, stages.Curve, arrivals);
    }
}
