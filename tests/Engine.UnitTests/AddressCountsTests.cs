using System.Net;
using RawEcho.Engine.Hosting;

namespace RawEcho.Engine.UnitTests;

public class AddressCountsTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("32.1.13.184", "2001:db8::1", false)]
    public void Addresses_of_one_site_count_together(string one, string other, bool together)
    {
        var counts = new AddressCounts(max: 1);
        Assert.True(counts.TryAdd(Of(one)));
        Assert.Equal(!together, counts.TryAdd(Of(other)));
    }

    [Fact]
    public void What_has_gone_makes_room_and_leaves_nothing_behind()
    {
        var counts = new AddressCounts(max: 2);
        EndPoint address = Of("192.0.2.7");
        Assert.True(counts.TryAdd(address));
        Assert.True(counts.TryAdd(address));
        Assert.False(counts.TryAdd(address));
        counts.Remove(address);
        Assert.True(counts.TryAdd(address));
        counts.Remove(address);
        counts.Remove(address);
        Assert.Equal(0, counts.Addresses);
    }

    [Fact]
    public void Without_a_limit_nothing_is_counted()
    {
        var counts = new AddressCounts(max: 0);
        for (int i = 0; i < 100; i++) Assert.True(counts.TryAdd(Of("192.0.2.7")));
        Assert.Equal(0, counts.Addresses);
    }

    private static IPEndPoint Of(string address) => new(IPAddress.Parse(address), 1234);
}
