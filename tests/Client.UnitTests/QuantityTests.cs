using RawEcho.Client.Units;

namespace RawEcho.Client.UnitTests;

/// <summary>Times are written with the unit in which they read best, and read back with any.</summary>
public class QuantityTests
{
    [Theory]
    [InlineData(870, "870 ns")]
    [InlineData(1_000, "1.0 \u00b5s")]
    [InlineData(53_240, "53.2 \u00b5s")]
    [InlineData(4_390_000, "4.39 ms")]
    [InlineData(1_250_000_000, "1.25 s")]
    public void A_time_has_its_unit(long nanoseconds, string text) => Assert.Equal(text, Quantity.Time(nanoseconds));

    [Theory]
    [InlineData(null, "unknown")]
    [InlineData(0.0, "0")]
    [InlineData(0.3333, "0.333")]
    [InlineData(4.756, "4.76")]
    [InlineData(12.54, "12.5")]
    [InlineData(1234.4, "1,234")]
    public void A_rate_has_three_digits_at_least(double? perSecond, string text) => Assert.Equal(text, Quantity.Rate(perSecond));

    [Theory]
    [InlineData("870ns", 870)]
    [InlineData("500us", 500_000)]
    [InlineData("500\u00b5s", 500_000)]
    [InlineData("500\u03bcs", 500_000)]
    [InlineData("4.5ms", 4_500_000)]
    [InlineData("2m", 120e9)]
    [InlineData("1m30s", 90e9)]
    public void Every_unit_is_read(string text, double nanoseconds)
    {
        Assert.True(Quantity.TryParseTime(text, out double read));
        Assert.Equal(nanoseconds, read);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("0ms")]
    [InlineData("-1ms")]
    [InlineData("ms")]
    [InlineData("5 ms")]
    public void A_time_without_number_or_unit_is_none(string text) => Assert.False(Quantity.TryParseTime(text, out _));
}
