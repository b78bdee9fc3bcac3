using RawEcho.Commands;

namespace RawEcho.Engine.UnitTests;

/// <summary>Numbers, sizes and times of every command line: docs/command-line.md has the same table.</summary>
public class ValueTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("007", 7)]
    [InlineData("5k", 5_000)]
    [InlineData("5K", 5_000)]
    [InlineData("1.5k", 1_500)]
    [InlineData("2M", 2_000_000)]
    [InlineData("1G", 1_000_000_000)]
    [InlineData("64Ki", 65_536)]
    [InlineData("1Mi", 1_048_576)]
    [InlineData("1Gi", 1_073_741_824)]
    public void Whole_numbers_are_read(string text, long value)
    {
        Assert.True(NumberText.TryWhole(text, out long read));
        Assert.Equal(value, read);
        Assert.True(NumberText.TrySize(text + "B", out long bytes));
        Assert.Equal(value, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("k")]
    [InlineData("1.5")]
    [InlineData("1.0001k")]
    [InlineData("5kk")]
    [InlineData("5 k")]
    [InlineData("5m")]
    [InlineData("5ki")]
    [InlineData("-5k")]
    [InlineData("+5")]
    [InlineData("1e3")]
    [InlineData("1.2.3")]
    [InlineData("9999999999999999G")]
    [InlineData("99999999999999999999")]
    [InlineData("64KiB")]
    [InlineData("1kB")]
    public void What_is_no_whole_number_is_not(string text) => Assert.False(NumberText.TryWhole(text, out _));

    [Theory]
    [InlineData("B")]
    [InlineData("1BB")]
    [InlineData("1.5")]
    [InlineData("1KiBi")]
    public void What_is_no_size_is_not(string text) => Assert.False(NumberText.TrySize(text, out _));

    [Theory]
    [InlineData("1ns", 1)]
    [InlineData("1.5s", 1.5e9)]
    [InlineData("1m30s", 90e9)]
    [InlineData("1h1m1s1ms1us1ns", 3661.001001001e9)]
    [InlineData("2h0.5s", 7200.5e9)]
    [InlineData("90", 90e9)]
    public void Times_are_read(string text, double nanoseconds)
    {
        Assert.True(TimeText.TryParseOrSeconds(text, out decimal read));
        Assert.Equal((decimal)nanoseconds, read);
        Assert.Equal(char.IsLetter(text[^1]), TimeText.TryParse(text, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("1m30")]
    [InlineData("30s1m")]
    [InlineData("1s1s")]
    [InlineData("1.5m30s")]
    [InlineData("1.5.5s")]
    [InlineData("1 s")]
    [InlineData("10S")]
    [InlineData("25d")]
    [InlineData("-1s")]
    [InlineData("9999999999999999999h")]
    public void What_is_no_time_is_not(string text) => Assert.False(TimeText.TryParseOrSeconds(text, out _));
}
