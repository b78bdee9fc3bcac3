using System.Net;
using RawEcho.Engine.Hosting;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests;

public sealed class ConnectionTableTests
{
    private static readonly IPEndPoint Here = new(IPAddress.Parse("192.0.2.7"), 1);
    private static readonly IPEndPoint Elsewhere = new(IPAddress.Parse("192.0.2.8"), 1);

    [Fact]
    public void A_limit_that_is_reached_is_named_and_a_lease_given_back_makes_room()
    {
        var table = new ConnectionTable(maxConnections: 2, maxPerAddress: 1);
        ConnectionLease first = Take(table, Here);
        Assert.Null(table.TryTake(Here, out CloseReason refusal));
        Assert.Equal(CloseReason.RefusedAddress, refusal);
        Take(table, Elsewhere);
        Assert.Null(table.TryTake(Elsewhere, out refusal));
        Assert.Equal(CloseReason.Refused, refusal);
        Assert.Equal((2, 2), table.Held);

        first.Dispose();
        Assert.Equal((1, 1), table.Held);
        Take(table, Here);
    }

    [Fact]
    public void A_second_dispose_gives_nothing_back()
    {
        var table = new ConnectionTable(maxConnections: 2, maxPerAddress: 2);
        ConnectionLease first = Take(table, Here);
        Take(table, Here);
        first.Dispose();
        first.Dispose();
        Assert.Equal((1, 1), table.Held);
        Take(table, Here);
        Assert.Null(table.TryTake(Elsewhere, out _));
    }

    [Fact]
    public void What_this_side_opens_counts_for_no_address()
    {
        var table = new ConnectionTable(maxConnections: 3, maxPerAddress: 1);
        Take(table, null);
        Take(table, null).Dispose();
        Assert.Equal((1, 0), table.Held);
    }

    [Fact]
    public async Task Empty_is_told_each_time_it_is_empty()
    {
        var table = new ConnectionTable(maxConnections: 10, maxPerAddress: 0);
        Assert.True(table.WhenEmpty().IsCompleted);
        for (int i = 0; i < 2; i++)
        {
            ConnectionLease one = Take(table, Here);
            ConnectionLease other = Take(table, Here);
            Task empty = table.WhenEmpty();
            one.Dispose();
            Assert.False(empty.IsCompleted);
            other.Dispose();
            await empty.WithinLimit();
        }
    }

    [Fact]
    public async Task Many_at_a_time_leave_nothing_behind()
    {
        var table = new ConnectionTable(maxConnections: 8, maxPerAddress: 4);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                ConnectionLease? lease = table.TryTake(i % 2 == 0 ? Here : Elsewhere, out CloseReason refusal);
                if (lease is null) table.CountRefused(refusal);
                lease?.Dispose();
            }
        }))).WithinLimit();
        Assert.Equal((0, 0), table.Held);
        Assert.Equal(table.Count().ConnectionsRefused, table.Changes);
    }

    private static ConnectionLease Take(ConnectionTable table, EndPoint? peer)
    {
        ConnectionLease? lease = table.TryTake(peer, out CloseReason refusal);
        Assert.Equal(CloseReason.None, refusal);
        return lease!;
    }
}
