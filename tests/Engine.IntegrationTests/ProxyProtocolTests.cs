using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Proxy;
using RawEcho.Server;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>The PROXY protocol in front of handlers, with and without TLS.</summary>
public class ProxyProtocolTests
{
    private static readonly IPNetwork Here = new(IPAddress.Loopback, 32);
    private static readonly IPNetwork Elsewhere = IPNetwork.Parse("192.0.2.0/24");
    private static readonly byte[] Header = ProxyBytes.Version2("203.0.113.7", 4711, "198.51.100.1", 443);

    public static TheoryData<string, byte[]> Refused => new()
    {
        { "It began without a PROXY header.", "hello, here I am"u8.ToArray() },
        { "checksum", ProxyBytes.WithChecksum(Header, flip: 1) },
        { "4096 are allowed", ProxyBytes.Version2(ProxyBytes.Local, ProxyBytes.Unspecified, new byte[5000]) },
        { "does not end within 107 bytes", Encoding.ASCII.GetBytes("PROXY UNKNOWN " + new string('x', 200)) },
        { "It sent two PROXY headers.", [.. Header, .. Header] },
        { "It sent two PROXY headers.", [.. Header, .. ProxyBytes.Version1("192.0.2.1", 1, "192.0.2.2", 2)] },
    };

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public async Task The_connection_is_that_of_the_client_and_no_byte_behind_the_header_is_lost(int version, bool byteByByte)
    {
        await using var host = new TestHost(tls: false);
        (IPEndPoint address, Recorder recorder) = Listen(host, new ProxyProtocolOptions { Proxies = [Here] });
        Socket socket = await host.ConnectRawAsync(address);
        byte[] header = version == 1 ? ProxyBytes.Version1("203.0.113.7", 4711, "198.51.100.1", 443) : Header;
        byte[] message = new byte[3000];
        Random.Shared.NextBytes(message);
        byte[] all = [.. header, .. message];
        if (byteByByte)
        {
            foreach (byte b in header)
            {
                await socket.SendAsync(new[] { b }).WithinLimit();
                await Task.Yield();
            }

            await socket.SendAsync(message).WithinLimit();
        }
        else
        {
            await socket.SendAsync(all).WithinLimit();
        }

        byte[] echo = new byte[message.Length];
        await new NetworkStream(socket).ReadExactlyAsync(echo).WithinLimit();
        Assert.Equal(message, echo);
        await TestHost.EchoAsync(new NetworkStream(socket), 100_000);
        Connection seen = recorder.Last!;
        Assert.Equal(IPEndPoint.Parse("203.0.113.7:4711"), seen.RemoteEndPoint);
        Assert.Equal(IPEndPoint.Parse("198.51.100.1:443"), seen.LocalEndPoint);
        Assert.Equal((version, socket.LocalEndPoint), (seen.Proxy!.Version, seen.ProxyEndPoint));
        // The header is no message.
        Assert.Equal(103_000, seen.Io.BytesReceived);
        socket.Dispose();
        await AssertNothingIsHeldAsync(host);
    }

    [Fact]
    public async Task TLS_begins_behind_the_header_in_one_segment_or_in_the_next()
    {
        await using var host = new TestHost();
        (IPEndPoint address, Recorder recorder) = Listen(host, new ProxyProtocolOptions { Proxies = [Here] }, tls: true);
        foreach (bool together in (bool[])[false, true])
        {
            Socket socket = await host.ConnectRawAsync(address);
            if (!together) await socket.SendAsync(Header).WithinLimit();
            await using var tls = new SslStream(together ? new PrependingStream(socket, Header) : new NetworkStream(socket));
            await tls.AuthenticateAsClientAsync(host.AsClient()).WithinLimit();
            await TestHost.EchoAsync(tls, 50_000);
            Assert.Equal(IPEndPoint.Parse("203.0.113.7:4711"), recorder.Last!.RemoteEndPoint);
            Assert.Equal("CN=client", recorder.Last.PeerCertificate!.Subject);
        }
    }

    [Fact]
    public async Task A_handshake_that_begins_with_the_header_is_not_computed_on_the_event_loop()
    {
        await using var host = new TestHost();
        var trace = new ThreadTrace(host.Tls);
        IPEndPoint address = host.Host.Listen(
            new IPEndPoint(IPAddress.Loopback, 0), new ProxyProtocolHandler(trace, new ProxyProtocolOptions { Proxies = [Here] }));
        for (int i = 0; i < 10; i++)
        {
            // Later than the server has begun to wait, so that the loop wakes it up.
            Socket socket = await host.ConnectRawAsync(address);
            await TimeLimit.Until(() => host.Host.Connections.Open.Any(), "the server has the connection");
            await Task.Delay(TimeSpan.FromMilliseconds(10));
            await using var tls = new SslStream(new PrependingStream(socket, Header));
            await tls.AuthenticateAsClientAsync(host.AsClient()).WithinLimit();
            await TestHost.EchoAsync(tls, 10);
        }

        // The loop has read some of the headers, or this test says nothing.
        Assert.Contains(true, trace.BegunOnLoop);
        Assert.DoesNotContain(true, trace.ComputedOnLoop);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public Task What_does_not_begin_as_it_must_is_refused_and_the_reason_told(string problem, byte[] data) =>
        AssertRefusedAsync(new ProxyProtocolOptions { Proxies = [Here] }, data, problem);

    [Theory]
    [InlineData(true, false, "is no proxy, and only proxies may connect")]
    [InlineData(true, true, "is no proxy, and only proxies may connect")]
    [InlineData(false, true, "is no proxy, and sent a PROXY header")]
    public Task From_a_stranger_no_header_is_taken(bool required, bool sends, string problem) =>
        AssertRefusedAsync(new ProxyProtocolOptions { Proxies = [Elsewhere], IsRequired = required }, sends ? Header : [], problem);

    [Theory]
    [InlineData("127.0.0.1/32")]
    [InlineData("192.0.2.0/24")]
    public async Task Where_it_is_optional_a_connection_may_begin_without(string proxies)
    {
        await using var host = new TestHost(tls: false);
        (IPEndPoint address, Recorder recorder) =
            Listen(host, new ProxyProtocolOptions { Proxies = [IPNetwork.Parse(proxies)], IsRequired = false });
        Socket socket = await host.ConnectRawAsync(address);
        await TestHost.EchoAsync(new NetworkStream(socket), 20_000);
        Assert.Equal(socket.LocalEndPoint, recorder.Last!.RemoteEndPoint);
        Assert.Null(recorder.Last.Proxy);
        Assert.Null(recorder.Last.ProxyEndPoint);
    }

    [Fact]
    public async Task A_health_check_that_says_nothing_or_LOCAL_is_silent()
    {
        await using var host = new TestHost();
        (IPEndPoint address, Recorder _) = Listen(host, new ProxyProtocolOptions { Proxies = [Here] }, tls: true);
        byte[][] checks = [[], ProxyBytes.Version2(ProxyBytes.Local, ProxyBytes.Unspecified, [])];
        foreach (byte[] check in checks)
        {
            Socket socket = await host.ConnectRawAsync(address);
            if (check.Length > 0) await socket.SendAsync(check).WithinLimit();
            socket.Shutdown(SocketShutdown.Send);
            await AssertClosedAsync(socket);
            Assert.Equal(CloseReason.EndedBeforeFirstByte, (await host.NextEndingAsync()).Reason);
        }
    }

    [Fact]
    public async Task The_proxys_word_is_the_clients_name_only_where_it_is_to_be()
    {
        foreach (bool trust in (bool[])[false, true])
        {
            await using var host = new TestHost();
            (IPEndPoint address, Recorder recorder) =
                Listen(host, new ProxyProtocolOptions { Proxies = [Here], TrustClientName = trust }, tls: true);
            Socket socket = await host.ConnectRawAsync(address);
            await socket.SendAsync(Named("alice")).WithinLimit();
            await using var tls = new SslStream(new NetworkStream(socket));
            await tls.AuthenticateAsClientAsync(host.AsClient()).WithinLimit();
            await TestHost.EchoAsync(tls, 1000);
            Assert.Equal(trust ? "alice" : null, recorder.Last!.ProxyClientName);
            Assert.Equal("alice", recorder.Last.Proxy!.Tls!.CommonName);
            Assert.Equal("CN=client", recorder.Last.PeerCertificate!.Subject);
        }
    }

    [Fact]
    public async Task Where_the_proxys_word_is_the_name_a_client_without_one_is_refused_before_TLS_and_counted_nowhere()
    {
        await using var host = new TestHost(new EngineOptions { MaxConnectionsPerAddress = 1 }, tls: false);
        (IPEndPoint address, Recorder recorder) = Listen(host, new ProxyProtocolOptions { Proxies = [Here], TrustClientName = true });
        byte[][] headers =
        [
            Header, ProxyBytes.Version2("203.0.113.7", 4711, "198.51.100.1", 443, ProxyBytes.Tls(1, 0)),
            ProxyBytes.Version1("203.0.113.7", 1, "192.0.2.2", 2),
        ];
        foreach (byte[] header in headers)
        {
            Socket socket = await host.ConnectRawAsync(address);
            await socket.SendAsync(header).WithinLimit();
            await AssertClosedAsync(socket);
            Assert.Equal(CloseReason.ProxyIdentityMissing, (await host.NextEndingAsync()).Reason);
        }

        Assert.Null(recorder.Last);
        await AssertNothingIsHeldAsync(host);
        Socket good = await host.ConnectRawAsync(address);
        await good.SendAsync(Named("alice")).WithinLimit();
        await TestHost.EchoAsync(new NetworkStream(good), 100);
        Assert.Equal("alice", recorder.Last!.ProxyClientName);
    }

    [Fact]
    public async Task Where_the_proxys_word_is_the_name_the_proxy_itself_may_check_and_nothing_else()
    {
        await using var host = new TestHost(tls: false);
        var options = new ProxyProtocolOptions { Proxies = [Here], TrustClientName = true, Timeout = TimeSpan.FromMilliseconds(500) };
        (IPEndPoint address, Recorder recorder) = Listen(host, options);
        byte[] local = ProxyBytes.Version2(ProxyBytes.Local, ProxyBytes.Unspecified, []);
        Socket check = await host.ConnectRawAsync(address);
        await check.SendAsync(local).WithinLimit();
        check.Shutdown(SocketShutdown.Send);
        await AssertClosedAsync(check);
        Assert.Equal(CloseReason.EndedBeforeFirstByte, (await host.NextEndingAsync()).Reason);
        byte[] named = ProxyBytes.Version2(ProxyBytes.Local, ProxyBytes.Unspecified, [], ProxyBytes.Tls(7, 0, "alice"));
        foreach (byte[] data in (byte[][])[local, [.. local, 1], [.. named, 1]])
        {
            Socket socket = await host.ConnectRawAsync(address);
            await socket.SendAsync(data).WithinLimit();
            await AssertClosedAsync(socket);
            Assert.Equal(CloseReason.ProxyIdentityMissing, (await host.NextEndingAsync()).Reason);
        }

        Assert.Null(recorder.Last);
        await AssertNothingIsHeldAsync(host);
    }

    [Fact]
    public async Task A_header_that_does_not_come_or_is_cut_off_ends_the_connection()
    {
        await using var host = new TestHost(tls: false);
        var options = new ProxyProtocolOptions { Proxies = [Here], Timeout = TimeSpan.FromMilliseconds(300) };
        (IPEndPoint address, Recorder recorder) = Listen(host, options);
        Socket silent = await host.ConnectRawAsync(address);
        await AssertClosedAsync(silent);
        Assert.Equal(CloseReason.ProxyHeaderTimeout, (await host.NextEndingAsync()).Reason);
        Socket slow = await host.ConnectRawAsync(address);
        await slow.SendAsync(Header.AsMemory(0, 20)).WithinLimit();
        await AssertClosedAsync(slow);
        Assert.Equal(CloseReason.ProxyHeaderTimeout, (await host.NextEndingAsync()).Reason);

        (address, _) = Listen(host, new ProxyProtocolOptions { Proxies = [Here] });
        Socket cut = await host.ConnectRawAsync(address);
        await cut.SendAsync(Header.AsMemory(0, 20)).WithinLimit();
        cut.Shutdown(SocketShutdown.Send);
        await AssertClosedAsync(cut);
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.Equal((CloseReason.ProxyHeaderInvalid, "It ended after 20 bytes of a PROXY header."), (end.Reason, end.Detail));
        Assert.Null(recorder.Last);
        await AssertNothingIsHeldAsync(host);
    }

    [Fact]
    public async Task Limits_per_address_count_clients_and_not_the_proxy()
    {
        await using var host = new TestHost(new EngineOptions { MaxConnectionsPerAddress = 1 }, tls: false);
        (IPEndPoint address, Recorder _) = Listen(host, new ProxyProtocolOptions { Proxies = [Here] });
        Socket first = await ConnectAsync(host, address, "203.0.113.1");
        Socket second = await ConnectAsync(host, address, "203.0.113.2");
        await TestHost.EchoAsync(new NetworkStream(first), 10);
        await TestHost.EchoAsync(new NetworkStream(second), 10);

        await AssertClosedAsync(await ConnectAsync(host, address, "203.0.113.1"));
        Assert.Equal(CloseReason.RefusedAddress, (await host.NextEndingAsync()).Reason);
        await TimeLimit.Until(() => host.Host.Connections.Held == (2, 2), "the place of the one that was refused is free");

        first.Dispose();
        await host.NextEndingAsync();
        await TimeLimit.Until(() => host.Host.Connections.Held == (1, 1), "the place is free again");
        await TestHost.EchoAsync(new NetworkStream(await ConnectAsync(host, address, "203.0.113.1")), 10);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_long_header_is_no_flood_of_records_without_data(bool tls)
    {
        await using var host = new TestHost(new EngineOptions { MaxBytesWithoutData = 500, IdleTimeout = TimeSpan.FromSeconds(30) });
        (IPEndPoint address, Recorder _) = Listen(host, new ProxyProtocolOptions { Proxies = [Here] }, tls);
        byte[] header = ProxyBytes.Version2("203.0.113.7", 4711, "198.51.100.1", 443, ProxyBytes.Value(0x04, new byte[3000]));
        Socket socket = await host.ConnectRawAsync(address);
        await socket.SendAsync(header).WithinLimit();
        Stream stream = new NetworkStream(socket);
        if (tls)
        {
            var secured = new SslStream(stream);
            await secured.AuthenticateAsClientAsync(host.AsClient()).WithinLimit();
            stream = secured;
        }

        // More than a sweep.
        await Task.Delay(TimeSpan.FromSeconds(2));
        await TestHost.EchoAsync(stream, 100);
        Assert.Empty(host.Endings);
    }

    [Fact]
    public async Task A_stop_ends_connections_that_wait_for_their_header_and_they_hold_no_buffer()
    {
        await using var host = new TestHost(tls: false);
        (IPEndPoint address, Recorder _) = Listen(host, new ProxyProtocolOptions { Proxies = [Here] });
        for (int i = 0; i < 10; i++) await host.ConnectRawAsync(address);
        await TimeLimit.Until(() => host.Host.Statistics.ConnectionsOpen == 10, "all are open");
        Assert.Equal(0, host.Host.Statistics.Pools.BuffersInUse);
        await host.Host.StopAsync(TimeLimit.Default).WithinLimit();
        for (int i = 0; i < 10; i++) Assert.Equal(CloseReason.Drained, (await host.NextEndingAsync()).Reason);
        await AssertNothingIsHeldAsync(host);
    }

    [Fact]
    public async Task A_client_of_the_engine_sends_one()
    {
        await using var host = new TestHost();
        (IPEndPoint address, Recorder recorder) = Listen(host, new ProxyProtocolOptions { Proxies = [Here] }, tls: true);
        await using var client = new EngineClient(host.ClientOptions());
        var header = new ProxyHeader
        {
            Version = 2,
            Source = IPEndPoint.Parse("[2001:db8::1]:7"),
            Destination = IPEndPoint.Parse("[2001:db8::2]:443"),
        };
        var options = new ConnectOptions
        {
            BeforeTls = async c =>
            {
                await c.SendProxyHeaderAsync(header);
                return true;
            },
        };
        await using Connection connection = await client.ConnectAsync(new Transport.ServerAddresses(address), options).WithinLimit();
        await TestHost.EchoAsync(connection.AsStream(), 1000);
        Assert.Equal(header.Source, recorder.Last!.RemoteEndPoint);
        Assert.Equal(1000, connection.Io.BytesSent);
    }

    [Fact]
    public void Options_that_cannot_be_are_refused()
    {
        var good = new ProxyProtocolOptions { Proxies = [Here] };
        ProxyProtocolOptions[] bad =
        [
            good with { Proxies = [] }, good with { MaxBytes = 231 }, good with { MaxBytes = 65_552 },
            good with { Timeout = TimeSpan.Zero }, good with { IsRequired = false, TrustClientName = true },
        ];
        Assert.All(bad, o => Assert.Throws<EngineOptionException>(() => new ProxyProtocolHandler(new EchoHandler(), o)));
    }

    private static byte[] Named(string client) =>
        ProxyBytes.Version2("203.0.113.7", 4711, "198.51.100.1", 443, ProxyBytes.Tls(7, 0, client));

    private static async Task AssertRefusedAsync(ProxyProtocolOptions options, byte[] data, string problem)
    {
        await using var host = new TestHost(tls: false);
        (IPEndPoint address, Recorder recorder) = Listen(host, options);
        Socket socket = await host.ConnectRawAsync(address);
        if (data.Length > 0) await socket.SendAsync(data).WithinLimit();
        await AssertClosedAsync(socket);
        ConnectionEnd end = await host.NextEndingAsync();
        Assert.Equal(CloseReason.ProxyHeaderInvalid, end.Reason);
        Assert.Contains(problem, end.Detail, StringComparison.Ordinal);
        Assert.Null(recorder.Last);
        await AssertNothingIsHeldAsync(host);
    }

    private static (IPEndPoint Address, Recorder Recorder) Listen(TestHost host, ProxyProtocolOptions options, bool tls = false)
    {
        var recorder = new Recorder(new EchoHandler());
        IConnectionHandler next = tls ? new Tls.TlsServerHandler(recorder, host.ServerOptions) : recorder;
        return (host.Host.Listen(new IPEndPoint(IPAddress.Loopback, 0), new ProxyProtocolHandler(next, options)), recorder);
    }

    private static async Task<Socket> ConnectAsync(TestHost host, IPEndPoint address, string from)
    {
        Socket socket = await host.ConnectRawAsync(address);
        await socket.SendAsync(ProxyBytes.Version2(from, 1234, "198.51.100.1", 443)).WithinLimit();
        return socket;
    }

    // Each listener has one of the args, for as long as it accepts.
    private static Task AssertNothingIsHeldAsync(TestHost host) => TimeLimit.Until(
        () => host.Host.Statistics is { ConnectionsOpen: 0, Pools: { BuffersInUse: 0, ArgsInUse: <= 3 } }
            && host.Host.Connections.Held == (0, 0),
        $"all args and buffers are back ({host.Host.Statistics})");

    private static async Task AssertClosedAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).WithinLimit());
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // There was more than was read.
        }
    }

    private sealed class Recorder(IConnectionHandler next) : IConnectionHandler
    {
        public Connection? Last { get; private set; }

        public Task HandleAsync(Connection connection)
        {
            Last = connection;
            return next.HandleAsync(connection);
        }
    }

    /// <summary>Notes on which kind of thread the ClientHello was read, and the answer to it was computed.</summary>
    private sealed class ThreadTrace(IConnectionHandler next) : IConnectionHandler, IHandshakeTrace
    {
        private static bool IsLoop => !Thread.CurrentThread.IsThreadPoolThread;

        public ConcurrentQueue<bool> BegunOnLoop { get; } = new();

        public ConcurrentQueue<bool> ComputedOnLoop { get; } = new();

        public Task HandleAsync(Connection connection)
        {
            connection.Lifetime.Trace = this;
            return next.HandleAsync(connection);
        }

        public void OnConnected(Connection connection) => BegunOnLoop.Enqueue(IsLoop);

        public void OnReceived(ReadOnlySpan<byte> bytes) => ComputedOnLoop.Enqueue(IsLoop);

        public void OnSent(ReadOnlySpan<byte> bytes) => ComputedOnLoop.Enqueue(IsLoop);
    }

    /// <summary>Sends the header with the first bytes that are written.</summary>
    private sealed class PrependingStream(Socket socket, byte[] header) : NetworkStream(socket)
    {
        private byte[]? _header = header;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            byte[] all = [.. _header ?? [], .. buffer.Span];
            _header = null;
            return base.WriteAsync(all, cancellationToken);
        }
    }
}
