using System.Diagnostics;
using RawEcho.Client.Load;

namespace RawEcho.Client.UnitTests;

/// <summary>The members of a fleet share a load without a remainder, and send it as one client would.</summary>
public class FleetShareTests
{
    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(10, 3, 100)]
    [InlineData(64, 64, 65)]
    [InlineData(1000, 7, 12_345)]
    [InlineData(5, 4, 3)]
    public void Every_connection_and_every_message_belongs_to_one_member(int clients, int members, int messages)
    {
        FleetShare[] shares = [.. Enumerable.Range(1, members).Select(n => new FleetShare(n, members, clients))];
        Assert.Equal(clients, shares.Sum(s => s.Clients));
        Assert.InRange(shares[0].Clients - shares[^1].Clients, 0, 1);
        Assert.Equal(
            Enumerable.Range(0, clients),
            shares.SelectMany(s => Enumerable.Range(0, s.Clients).Select(s.NumberOf)).Order());
        for (int i = 1; i < members; i++) Assert.Equal(shares[i - 1].ClientsBefore + shares[i - 1].Clients, shares[i].ClientsBefore);

        Assert.Equal(messages, shares.Sum(s => s.MessagesOf(messages)));
        IEnumerable<long> sent = shares.SelectMany(s => Enumerable.Range(0, (int)s.MessagesOf(messages)).Select(k => s.MessageOf(k)));
        Assert.Equal(Enumerable.Range(0, messages).Select(k => (long)k), sent.Order());
        // A message belongs to the connection whose number its own leaves as the rest.
        foreach (FleetShare share in shares)
        {
            for (int k = 0; k < 3 * share.Clients; k++)
                Assert.Equal(share.NumberOf(k % share.Clients), share.MessageOf(k) % clients);
        }
    }

    [Fact]
    public void The_quotas_of_a_fleets_connections_are_those_of_one_client()
    {
        LoadShape whole = Shape(10) with { Messages = 47 };
        using var alone = new LoadRun(whole);
        foreach (int n in (int[])[1, 2, 3])
        {
            var share = new FleetShare(n, 3, 10);
            using var member = new LoadRun(whole with { Clients = share.Clients, Fleet = share });
            long[] quotas = [.. Enumerable.Range(0, share.Clients).Select(i => member.QuotaOf(share.NumberOf(i)))];
            Assert.Equal(Enumerable.Range(0, share.Clients).Select(i => alone.QuotaOf(share.NumberOf(i))), quotas);
            Assert.Equal(member.Shape.OwnMessages, quotas.Sum());
        }
    }

    [Fact]
    public void The_rates_of_all_members_are_the_rate()
    {
        LoadShape whole = Shape(10) with { Rate = 1000 };
        double[] rates = [.. Enumerable.Range(1, 3).Select(n => (whole with { Fleet = new FleetShare(n, 3, 10) }).OwnMeanRate!.Value)];
        Assert.Equal([400, 300, 300], rates);
    }

    [Fact]
    public void A_start_that_was_agreed_counts_from_its_own_time()
    {
        using var run = new LoadRun(Shape(1) with { Rate = 10, Warmup = TimeSpan.FromSeconds(2) });
        long at = Stopwatch.GetTimestamp() - Stopwatch.Frequency;
        run.Start(at);
        Assert.Equal(at, run.Schedule!.DueAt(0));
        Assert.Equal(at + (2 * Stopwatch.Frequency), run.MeasureFrom);
    }

    private static LoadShape Shape(int clients) => new() { Clients = clients, Sizes = SizeDistribution.Of(1, 100) };
}
