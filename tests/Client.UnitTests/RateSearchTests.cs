using RawEcho.Client.Max;

namespace RawEcho.Client.UnitTests;

/// <summary>The search against servers that are a formula.</summary>
public class RateSearchTests
{
    [Theory]
    [InlineData(37_000)]
    [InlineData(1_500)]
    [InlineData(120)]
    [InlineData(999_999)]
    public void It_comes_within_the_precision_of_what_a_server_can_do(double capacity)
    {
        RateSearch search = Run(rate => rate <= capacity, out int runs);
        Assert.InRange(search.Held!.Value, capacity * 0.94, capacity);
        Assert.InRange(search.Failed!.Value, capacity, capacity * 1.06);
        Assert.Equal(3, search.Runs);
        Assert.True(runs < 30, $"{runs} runs");
    }

    [Fact]
    public void It_ends_at_the_highest_rate_that_may_be_tried()
    {
        RateSearch search = Run(_ => true, out _);
        Assert.Equal(1_000_000, search.Held);
        Assert.Null(search.Failed);
    }

    [Fact]
    public void It_ends_when_nothing_holds()
    {
        RateSearch search = Run(_ => false, out int runs);
        Assert.Null(search.Held);
        Assert.True(runs < 30, $"{runs} runs");
    }

    [Fact]
    public void A_rate_that_holds_only_sometimes_is_not_the_answer()
    {
        var random = new Random(3);
        RateSearch search = Run(rate => rate <= 10_000 || (rate <= 20_000 && random.Next(2) == 0), out _);
        Assert.InRange(search.Held!.Value, 5_000, 20_000);
        Assert.True(search.Runs >= 3);
    }

    [Theory]
    [InlineData(7.3)]
    [InlineData(1.23)]
    [InlineData(0.11)]
    public void A_rate_below_ten_is_found_as_well(double capacity)
    {
        RateSearch search = Run(rate => rate <= capacity, out int runs, from: 0.1);
        Assert.InRange(search.Held!.Value, capacity * 0.94, capacity);
        Assert.True(runs < 30, $"{runs} runs");
    }

    private static RateSearch Run(Func<double, bool> holds, out int runs, double from = 1000)
    {
        var search = new RateSearch(from, to: 1_000_000, precision: 0.05, confirm: 3);
        runs = 0;
        while (search.Next() is { } rate)
        {
            search.Tell(rate, holds(rate));
            if (++runs > 200) throw new InvalidOperationException("The search does not end.");
        }

        return search;
    }
}
