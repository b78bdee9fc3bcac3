using RawEcho.CommandLine;

namespace RawEcho.Engine.UnitTests;

public class ParsersTests
{
    [Theory]
    [InlineData("localhost:7443", "localhost", 7443)]
    [InlineData("127.0.0.1:0", "127.0.0.1", 0)]
    [InlineData("[::1]:65535", "::1", 65535)]
    [InlineData(":80", "localhost", 80)]
    public void Addresses_are_read(string text, string host, int port)
    {
        Assert.True(Parsers.TryHostPort(text, out HostPort value));
        Assert.Equal(new HostPort(host, port), value);
        Assert.True(Parsers.TryListenAddress(text, null, out HostPort listen));
        Assert.Equal(text[0] == ':' ? new HostPort("::", port) : value, listen);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:")]
    [InlineData("localhost:65536")]
    [InlineData("localhost:-1")]
    [InlineData("::1:80")]
    [InlineData("[::1:80")]
    [InlineData("a b:80")]
    [InlineData("[]:80")]
    [InlineData("")]
    public void What_is_no_address_is_not(string text) => Assert.False(Parsers.TryHostPort(text, out _));

    [Theory]
    [InlineData("localhost", "localhost", 7443)]
    [InlineData("127.0.0.1", "127.0.0.1", 7443)]
    [InlineData("[::1]", "::1", 7443)]
    [InlineData("a.b.example.org", "a.b.example.org", 7443)]
    [InlineData(":80", "localhost", 80)]
    [InlineData("localhost:80", "localhost", 80)]
    public void A_host_alone_has_the_port_of_the_server(string text, string host, int port)
    {
        Assert.True(Parsers.TryServer(text, Parsers.EchoPort, out HostPort value));
        Assert.Equal(new HostPort(host, port), value);
    }

    [Theory]
    [InlineData("7443")]
    [InlineData("")]
    [InlineData("::1")]
    [InlineData("localhost:")]
    [InlineData("localhost:0")]
    [InlineData("[::1")]
    [InlineData("::1]")]
    [InlineData("[]")]
    [InlineData("a b")]
    public void What_names_no_host_has_no_port_either(string text) => Assert.False(Parsers.TryServer(text, Parsers.EchoPort, out _));

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("10s", 10)]
    [InlineData("10", 10)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    public void Times_are_read(string text, double seconds)
    {
        Assert.True(Parsers.TryTime(text, out TimeSpan value));
        Assert.Equal(TimeSpan.FromSeconds(seconds), value);
    }

    [Theory]
    [InlineData("off")]
    [InlineData("0")]
    public void A_time_can_be_off(string text)
    {
        Assert.True(Parsers.TryTime(text, out TimeSpan value));
        Assert.Equal(Timeout.InfiniteTimeSpan, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1s")]
    [InlineData("ten")]
    [InlineData("1e9")]
    [InlineData("NaN")]
    [InlineData("100000h")]
    public void What_is_no_time_is_not(string text) => Assert.False(Parsers.TryTime(text, out _));

    [Theory]
    [InlineData("1-100", 1, 100)]
    [InlineData("7", 7, 7)]
    public void Ranges_are_read(string text, int min, int max)
    {
        Assert.True(Parsers.TryRange(text, out (int Min, int Max) value));
        Assert.Equal((min, max), value);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("100-1")]
    [InlineData("-5")]
    [InlineData("1-2-3")]
    [InlineData("99999999999")]
    public void What_is_no_range_is_not(string text) => Assert.False(Parsers.TryRange(text, out _));
}
