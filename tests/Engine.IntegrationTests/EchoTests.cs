using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using RawEcho.Engine.Telemetry;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

public class EchoTests
{
    [Theory]
    [InlineData(SslProtocols.Tls12, 1)]
    [InlineData(SslProtocols.Tls12, 300_000)]
    [InlineData(SslProtocols.Tls13, 1)]
    [InlineData(SslProtocols.Tls13, 300_000)]
    public async Task A_foreign_client_gets_every_byte_back(SslProtocols protocol, int size)
    {
        await using var host = new TestHost();
        (SslStream stream, _) = await host.ConnectTlsAsync(protocols: protocol);
        Assert.Equal(protocol, stream.SslProtocol);
        for (int i = 0; i < 5; i++) await TestHost.EchoAsync(stream, size);
        await stream.ShutdownAsync().WithinLimit();

        Assert.Equal(0, await stream.ReadAsync(new byte[1]).WithinLimit());
        stream.Dispose();
        Assert.Equal(CloseReason.PeerClosed, (await host.NextEndingAsync()).Reason);
        await host.AssertNothingIsHeldAsync();
        EngineStatistics s = host.Host.Statistics;
        Assert.Equal((5L * size, 5L * size), (s.Io.BytesReceived, s.Io.BytesSent));
        Assert.Equal((1, 1, 0), (s.ConnectionsAccepted, s.HandshakesDone, s.HandshakesFailed));
    }

    [Fact]
    public async Task Without_tls_it_echoes_too()
    {
        await using var host = new TestHost(tls: false);
        Socket socket = await host.ConnectRawAsync();
        var stream = new NetworkStream(socket);
        await TestHost.EchoAsync(stream, 200_000);
        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await stream.ReadAsync(new byte[1]).WithinLimit());
        Assert.Equal(CloseReason.PeerClosed, (await host.NextEndingAsync()).Reason);
        await host.AssertNothingIsHeldAsync();
    }

    [Theory]
    [InlineData(true, 60_000)]
    [InlineData(false, 2_000_000)]
    public async Task After_a_half_close_the_echo_still_arrives_in_full(bool tls, int size)
    {
        await using var host = new TestHost(tls: tls);
        Socket socket;
        Stream stream;
        if (tls) (stream, socket) = await host.ConnectTlsAsync();
        else stream = new NetworkStream(socket = await host.ConnectRawAsync());
        byte[] sent = new byte[size];
        Random.Shared.NextBytes(sent);
        Task writing = Task.Run(async () =>
        {
            await stream.WriteAsync(sent);
            if (stream is SslStream ssl) await ssl.ShutdownAsync();
            socket.Shutdown(SocketShutdown.Send);
        });
        byte[] received = new byte[size];
        // An SslStream may not be shut down while it is being read.
        if (tls) await writing.WithinLimit();
        await stream.ReadExactlyAsync(received).WithinLimit();
        await writing.WithinLimit();
        Assert.Equal(0, await stream.ReadAsync(new byte[1]).WithinLimit());
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task A_peer_that_floods_does_not_keep_the_event_loop_to_itself()
    {
        await using var host = new TestHost(tls: false);
        Socket flood = await host.ConnectRawAsync();
        using var stop = new CancellationTokenSource();
        byte[] block = new byte[64 * 1024];
        Task sending = Task.Run(async () => { while (!stop.IsCancellationRequested) await flood.SendAsync(block); });
        Task receiving = Task.Run(async () => { byte[] sink = new byte[256 * 1024]; while (await flood.ReceiveAsync(sink) > 0) { } });

        Socket quiet = await host.ConnectRawAsync();
        var stream = new NetworkStream(quiet);
        for (int i = 0; i < 200; i++) await TestHost.EchoAsync(stream, 100);
        await stop.CancelAsync();
        await sending.WithinLimit();
        flood.Shutdown(SocketShutdown.Send);
        await receiving.WithinLimit();
    }

    [Fact]
    public async Task Many_idle_and_busy_connections_and_one_silent_one_leave_nothing_behind()
    {
        const int idle = 1000;
        const int busy = 64;
        await using var host = new TestHost(new EngineOptions { CloseTimeout = TimeSpan.FromSeconds(1) });
        HashSet<string> descriptors = Descriptors();
        Socket silent = await host.ConnectRawAsync();
        var waiting = new List<(SslStream Stream, Socket Socket)>();
        for (int i = 0; i < idle; i += 50)
            waiting.AddRange(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => host.ConnectTlsAsync())));
        (SslStream Stream, Socket Socket)[] working = await Task.WhenAll(Enumerable.Range(0, busy).Select(_ => host.ConnectTlsAsync()));

        await Task.WhenAll(working.Select(async w =>
        {
            for (int i = 0; i < 50; i++) await TestHost.EchoAsync(w.Stream, 1 + (i * 7 % 100));
        })).WithinLimit();
        Assert.Equal(idle + busy + 1, host.Host.Statistics.ConnectionsOpen);
        Assert.Equal(0, host.Host.Statistics.Pools.BuffersInUse);

        foreach ((SslStream stream, Socket socket) in waiting.Concat(working))
        {
            stream.Dispose();
            socket.Dispose();
        }

        silent.Dispose();
        await host.AssertNothingIsHeldAsync();
        Assert.Equal(idle + busy + 1, host.Endings.Count);
        await TimeLimit.Until(() => Descriptors().IsSubsetOf(descriptors), "all sockets are closed");
    }

    // What each open descriptor is, for instance socket:[12345]; nothing where there is no /proc.
    private static HashSet<string> Descriptors() => !Directory.Exists("/proc/self/fd") ? [] :
    [
        .. from link in new DirectoryInfo("/proc/self/fd").GetFiles()
           let target = link.LinkTarget
           where target?.StartsWith("socket:", StringComparison.Ordinal) == true
           select target,
    ];
}
