using RawEcho.Diagnostics.Sampling.Events;

namespace RawEcho.Diagnostics.Tests;

/// <summary>Sums over series, when the process has more of them than the session allows.</summary>
public class MeterReadingTests
{
    private static readonly Instrument Collections = new("System.Runtime", "dotnet.gc.collections");

    [Fact]
    public void A_sum_of_which_a_part_may_be_missing_is_not_known()
    {
        Dictionary<MeterSeries, double> values = new() { [Of("gen=0,kind=a")] = 1, [Of("gen=0,kind=b")] = 2, [Of("kind=c")] = 4 };
        MeterCollection whole = new(values, 1000, 0);
        MeterReading all = new(whole, null);
        Assert.Equal((7, 3, 4), (all.Value(Collections), all.Value(Collections, "gen=0"), all.Value(Collections, "kind=c")));
        MeterReading cut = new(whole with { HasAllSeries = false }, null);
        Assert.Equal((null, null, 4), (cut.Value(Collections), cut.Value(Collections, "gen=0"), cut.Value(Collections, "kind=c")));
    }

    [Fact]
    public void A_series_without_tags_is_the_only_one()
    {
        MeterCollection cut = new(new Dictionary<MeterSeries, double> { [Of("")] = 5 }, 1000, 0) { HasAllSeries = false };
        Assert.Equal(5, new MeterReading(cut, null).Value(Collections));
    }

    private static MeterSeries Of(string tags) => new(Collections, tags);
}
