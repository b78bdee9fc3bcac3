using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using RawEcho.Client.Load;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Tls;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>How many connections, and for how long.</summary>
public class ConnectionLimitTests
{
    [Fact]
    public async Task One_too_many_from_an_address_is_refused_and_other_addresses_are_not()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux: all of 127.0.0.0/8 is loopback.");
        await using var host = new TestHost(new EngineOptions { MaxConnectionsPerAddress = 2 }, tls: false);
        var (here, elsewhere) = (IPAddress.Loopback, IPAddress.Parse("127.0.0.2"));
        Socket first = await host.ConnectRawAsync(from: here);
        await TestHost.EchoAsync(new NetworkStream(first), 10);
        await TestHost.EchoAsync(new NetworkStream(await host.ConnectRawAsync(from: here)), 10);

        await AssertRefusedAsync(await host.ConnectRawAsync(from: here));
        Assert.True(host.Refusals.TryDequeue(out (EndPoint? Remote, CloseReason Reason) refusal));
        Assert.Equal(CloseReason.RefusedAddress, refusal.Reason);
        Assert.Equal((1, 1), (host.Host.Statistics.ConnectionsRefused, host.Host.Statistics.ConnectionsRefusedByAddress));
        await TestHost.EchoAsync(new NetworkStream(await host.ConnectRawAsync(from: elsewhere)), 10);

        first.Dispose();
        await host.NextEndingAsync();
        await TimeLimit.Until(() => host.Host.Statistics.ConnectionsOpen == 2, "one has gone");
        // The slot is given back a moment after the connection is counted as closed.
        await TimeLimit.Until(() => TryEchoAsync(host, here).GetAwaiter().GetResult(), "there is room for one again");
    }

    [Fact]
    public async Task At_the_end_of_its_lifetime_a_busy_connection_ends_in_order()
    {
        const int clients = 8;
        var lifetime = TimeSpan.FromSeconds(1);
        await using var server = new TestHost(new EngineOptions { MaxLifetime = lifetime });
        await using var client = new ConnectionHost(new EngineOptions());
        using var run =
            new LoadRun(new LoadShape { Clients = clients, Sizes = SizeDistribution.Of(1, 50_000), Duration = TimeLimit.Default });
        var handler = new TlsClientHandler(new LoadHandler(), server.ClientOptions());
        LoadClient[] loads = [.. Enumerable.Range(0, clients).Select(i => new LoadClient(run, i, run.QuotaOf(i)))];
        Task<ConnectionEnd>[] ends = [.. loads.Select(load => client.ConnectAsync(server.EndPoint, handler, load))];
        await Task.WhenAll(loads.Select(l => l.Ready)).WithinLimit();
        run.Start();
        await Task.WhenAll(ends).WithinLimit();

        // Each ended with close_notify between two messages, and no echo that was begun is missing.
        Assert.All(ends, e => Assert.Equal(CloseReason.PeerClosed, e.Result.Reason));
        Assert.All(loads, l => Assert.Null(l.Mismatch));
        Assert.All(loads, l => Assert.True(l.RoundTrips > 0));
        Assert.All(loads, l => Assert.True(l.Echoed == 0 || l.Echoed == l.Owed, $"{l.Echoed} of {l.Owed}"));
        await server.AssertNothingIsHeldAsync();
        EngineStatistics s = server.Host.Statistics;
        Assert.Equal(clients, s.Endings[CloseReason.LifetimeEnded]);
        Assert.Equal(s.Io.BytesReceived, s.Io.BytesSent);
        Assert.Equal(s.Io.BytesSent, client.Statistics.Io.BytesReceived);
    }

    [Fact]
    public async Task At_the_end_of_its_lifetime_an_idle_connection_gets_a_clean_goodbye()
    {
        await using var host = new TestHost(new EngineOptions { MaxLifetime = TimeSpan.FromSeconds(1) });
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await TestHost.EchoAsync(stream, 10);
        Assert.Equal(0, await stream.ReadAsync(new byte[1]).WithinLimit());
        Assert.Equal(CloseReason.LifetimeEnded, (await host.NextEndingAsync()).Reason);
    }

    private static async Task AssertRefusedAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).WithinLimit());
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Refused all the same.
        }
    }

    private static async Task<bool> TryEchoAsync(TestHost host, IPAddress from)
    {
        try
        {
            var stream = new NetworkStream(await host.ConnectRawAsync(from: from));
            await stream.WriteAsync(new byte[1]).WithinLimit();
            return await stream.ReadAsync(new byte[1]).WithinLimit() == 1;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
