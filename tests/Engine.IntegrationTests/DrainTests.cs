using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using RawEcho.Client.Load;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Tls;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

public class DrainTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_idle_connection_gets_a_clean_goodbye(bool tls)
    {
        await using var host = new TestHost(tls: tls);
        Stream stream = tls ? (await host.ConnectTlsAsync()).Stream : new NetworkStream(await host.ConnectRawAsync());
        await TestHost.EchoAsync(stream, 10);
        Task stopping = host.Host.StopAsync(TimeLimit.Default);
        Assert.Equal(0, await stream.ReadAsync(new byte[1]).WithinLimit());
        if (stream is SslStream ssl) await ssl.ShutdownAsync().WithinLimit();
        stream.Dispose();
        await stopping.WithinLimit();
        Assert.Equal(CloseReason.Drained, (await host.NextEndingAsync()).Reason);
        Assert.Equal(0, host.Host.Statistics.Pools.ArgsInUse);
    }

    [Fact]
    public async Task A_handshake_under_way_is_given_up()
    {
        await using var host = new TestHost();
        await host.ConnectRawAsync();
        await TimeLimit.Until(() => host.Host.Statistics.HandshakesUnderWay == 1, "the handshake has begun");
        await host.Host.StopAsync(TimeLimit.Default).WithinLimit();
        Assert.Equal(CloseReason.Drained, (await host.NextEndingAsync()).Reason);
    }

    [Fact]
    public async Task A_handshake_under_way_is_completed_and_the_client_gets_a_clean_goodbye()
    {
        await using var host = new TestHost();
        Socket socket = await host.ConnectRawAsync();
        await TimeLimit.Until(() => host.Host.Statistics.HandshakesUnderWay == 1, "the handshake has begun");
        Task stopping = host.Host.StopAsync(TimeLimit.Default);
        // As far as this client knows, the server is there.
        await using var stream = new SslStream(new NetworkStream(socket));
        await stream.AuthenticateAsClientAsync(host.AsClient()).WithinLimit();
        Assert.Equal(0, await stream.ReadAsync(new byte[1]).WithinLimit());
        await stream.ShutdownAsync().WithinLimit();
        stream.Dispose();
        await stopping.WithinLimit();
        Assert.Equal(CloseReason.Drained, (await host.NextEndingAsync()).Reason);
        Assert.Equal(1, host.Host.Statistics.HandshakesDone);
    }

    [Fact]
    public async Task A_handshake_that_does_not_go_on_holds_a_stop_up_for_a_few_seconds()
    {
        await using var host = new TestHost();
        Socket silent = await host.ConnectRawAsync(), dribbling = await host.ConnectRawAsync();
        await dribbling.SendAsync(new byte[] { 22, 3, 1 });
        await TimeLimit.Until(() => host.Host.Statistics.HandshakesUnderWay == 2, "both handshakes have begun");
        var time = Stopwatch.StartNew();
        await host.Host.StopAsync(TimeLimit.Default).WithinLimit();
        // Five seconds, on a machine that may be busy, and not the time of the handshake or of the stop.
        Assert.InRange(time.Elapsed, TimeSpan.FromSeconds(4.5), TimeSpan.FromSeconds(30));
        Assert.Equal(CloseReason.Drained, (await host.NextEndingAsync()).Reason);
        Assert.Equal(CloseReason.Drained, (await host.NextEndingAsync()).Reason);
        silent.Dispose();
    }

    [Fact]
    public async Task What_is_still_at_work_when_the_time_is_over_is_aborted()
    {
        await using var host = new TestHost(handler: new NeverDone());
        (SslStream stream, _) = await host.ConnectTlsAsync();
        await stream.WriteAsync(new byte[] { 1 }).WithinLimit();
        await TimeLimit.Until(() => host.Host.Statistics.Io.BytesReceived == 1, "the handler is at work");
        await host.Host.StopAsync(TimeSpan.FromMilliseconds(300)).WithinLimit();
        Assert.Equal(CloseReason.DrainTimeout, (await host.NextEndingAsync()).Reason);
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(16_384, 16_384)]
    [InlineData(100_000, 300_000)]
    public async Task Nothing_that_was_begun_is_lost_under_load(int minSize, int maxSize)
    {
        const int clients = 16;
        await using var server = new TestHost();
        await using var client = new ConnectionHost(new EngineOptions());
        using var run =
            new LoadRun(new LoadShape { Clients = clients, Sizes = SizeDistribution.Of(minSize, maxSize), Duration = TimeLimit.Default });
        var handler = new TlsClientHandler(new LoadHandler(), server.ClientOptions());
        LoadClient[] loads = [.. Enumerable.Range(0, clients).Select(i => new LoadClient(run, i, run.QuotaOf(i)))];
        Task<ConnectionEnd>[] ends = [.. loads.Select(load => client.ConnectAsync(server.EndPoint, handler, load))];
        await Task.WhenAll(loads.Select(l => l.Ready)).WithinLimit();
        run.Start();
        await TimeLimit.Until(() => loads.All(l => l.RoundTrips > 5), "every client has had some echoes");

        await server.Host.StopAsync(TimeLimit.Default).WithinLimit();
        await Task.WhenAll(ends).WithinLimit();

        Assert.All(loads, l => Assert.Null(l.Mismatch));
        // Each message on its way was either not begun by the server, or echoed in full.
        Assert.All(loads, l => Assert.Equal(0, l.Echoed == l.Owed ? 0 : l.Echoed));
        Assert.All(ends, e => Assert.Equal(CloseReason.PeerClosed, e.Result.Reason));
        EngineStatistics s = server.Host.Statistics;
        Assert.Equal(s.Io.BytesReceived, s.Io.BytesSent);
        Assert.Equal(s.Io.BytesSent, client.Statistics.Io.BytesReceived);
        Assert.Equal(clients, s.Endings[CloseReason.Drained]);
    }

    private sealed class NeverDone : IConnectionHandler
    {
        public async Task HandleAsync(Connection connection)
        {
            await connection.ReadAsync(new byte[1]);
            // To a peer that reads nothing.
            while (true) await connection.WriteAsync(new byte[64 * 1024]);
        }
    }
}
