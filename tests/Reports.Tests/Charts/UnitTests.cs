using RawEcho.Charts;

namespace RawEcho.Reports.Tests.Charts;

public class UnitTests
{
    public static TheoryData<string, double, string> Values => new()
    {
        { "count", 1_234_567, "1,234,567" },
        { "count", 2.5, "2.50" },
        { "per second", 104_905.3, "104,905/s" },
        { "per second", 0.125, "0.13/s" },
        { "percent", 98.04, "98.0 %" },
        { "percent", 0, "0 %" },
        { "seconds", 870e-9, "870 ns" },
        { "seconds", 534.5e-6, "534.5 µs" },
        { "seconds", 4.39e-3, "4.39 ms" },
        { "seconds", 1.25, "1.25 s" },
        { "seconds", 0, "0 s" },
        { "bytes", 512, "512 B" },
        { "bytes", 62.14 * 1024 * 1024, "62.1 MB" },
        { "bytes per second", 1536, "1.5 KB/s" },
        { "seconds", -0.002, "-2.00 ms" },
    };

    private static readonly Unit[] All =
    [
        Unit.Count, Unit.PerSecond, Unit.Percent, Unit.Seconds, Unit.Bytes, Unit.BytesPerSecond, Unit.Ratio,
    ];

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_is_written_in_the_multiple_in_which_it_reads_best(string unit, double value, string text) =>
        Assert.Equal(text, All.Single(u => u.Name == unit).Format(value));
}
