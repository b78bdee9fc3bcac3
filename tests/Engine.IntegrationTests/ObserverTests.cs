using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Tls;
using RawEcho.Server;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>An observer costs nothing when it throws, and hears what the peer cannot see yet.</summary>
public sealed class ObserverTests
{
    private static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_observer_that_throws_at_every_call_costs_no_slot_no_socket_and_no_accept_loop(bool tls)
    {
        await using var pki = new TestHost();
        var observer = new Throwing();
        await using var host = new ConnectionHost(
            new EngineOptions { MaxConnections = 2, MaxConnectionsPerAddress = 2, CloseTimeout = TimeSpan.FromMilliseconds(300) },
            observer);
        IConnectionHandler handler = new EchoOrThrow();
        IPEndPoint endPoint = host.Listen(AnyPort, tls ? new TlsServerHandler(handler, pki.ServerOptions) : handler);
        PoolCounts baseline = host.Statistics.Pools;
        for (int round = 0; round < 5; round++)
        {
            Stream good = await ConnectAsync(pki, tls, endPoint);
            Stream bad = await ConnectAsync(pki, tls, endPoint);
            await TestHost.EchoAsync(good, 10);
            await AssertEndsAsync(await pki.ConnectRawAsync(endPoint));
            await bad.WriteAsync(new byte[] { EchoOrThrow.Poison }).WithinLimit();
            await TimeLimit.Until(() => host.Connections.Held == (1, 1), "the faulty one is gone");
            if (good is SslStream ssl) await ssl.ShutdownAsync().WithinLimit();
            await good.DisposeAsync();
            await TimeLimit.Until(() => host.Connections.Held == (0, 0), "nothing is held");
        }

        EngineStatistics s = host.Statistics;
        Assert.Equal((baseline.ArgsInUse, 0), (s.Pools.ArgsInUse, s.Pools.BuffersInUse));
        Assert.Equal((10, 5, 0), (s.ConnectionsAccepted, s.ConnectionsRefused, s.ConnectionsOpen));
        // In each round a refusal, a fault, and two endings. What is thrown about that is one more each.
        Assert.Equal(2 * 5 * 4, s.ObserverFaults);
        Assert.Equal(5 * 4, observer.Told);
    }

    [Fact]
    public async Task An_observer_that_throws_costs_a_connecting_side_nothing_either()
    {
        await using var server = new TestHost(tls: false);
        await using var client = new ConnectionHost(
            new EngineOptions { MaxConnections = 1, CloseTimeout = TimeSpan.FromMilliseconds(300) }, new Throwing());
        for (int i = 0; i < 3; i++)
        {
            ConnectionEnd end = await client.ConnectAsync(server.EndPoint, new AtOnce(throws: i == 1)).WithinLimit();
            Assert.Equal(i == 1 ? CloseReason.HandlerFault : CloseReason.LocalClosed, end.Reason);
            Assert.Equal((0, 0), client.Connections.Held);
        }

        Assert.Equal(0, client.Statistics.Pools.ArgsInUse);
    }

    [Theory]
    [InlineData("peer", true)]
    [InlineData("peer", false)]
    [InlineData("local", true)]
    [InlineData("local", false)]
    [InlineData("fault", true)]
    [InlineData("fault", false)]
    [InlineData("drain", true)]
    [InlineData("drain", false)]
    public async Task The_end_of_a_connection_is_told_once_and_before_the_peer_can_see_it(string how, bool tls)
    {
        await using var pki = new TestHost();
        var observer = new Looking();
        await using var host = new ConnectionHost(new EngineOptions { CloseTimeout = TimeSpan.FromMilliseconds(300) }, observer);
        IConnectionHandler handler = new EchoOrThrow();
        IPEndPoint endPoint = host.Listen(AnyPort, tls ? new TlsServerHandler(handler, pki.ServerOptions) : handler);
        Stream stream = await ConnectAsync(pki, tls, endPoint);
        // What TLS sends after its handshake is read together with the echo.
        await TestHost.EchoAsync(stream, 10);
        observer.Peer = (stream as NetworkStream)?.Socket ?? pki.LastClient;

        Task ending = how switch
        {
            "local" => stream.WriteAsync(new byte[] { EchoOrThrow.Enough }).AsTask(),
            "fault" => stream.WriteAsync(new byte[] { EchoOrThrow.Poison }).AsTask(),
            "drain" => host.StopAsync(TimeLimit.Default),
            _ when stream is SslStream ssl => ssl.ShutdownAsync(),
            _ => Task.Run(() => observer.Peer.Shutdown(SocketShutdown.Send)),
        };
        await TimeLimit.Until(() => observer.Closed == 1, "it was told");
        Assert.False(observer.PeerCouldSee, "The peer could see it before.");
        Assert.Equal(how == "fault" ? "OnHandlerFault, OnClosed" : "OnClosed", observer.Order);
        Assert.Equal(0, await stream.ReadAsync(new byte[1]).WithinLimit());
        await stream.DisposeAsync();
        await ending.WithinLimit();
        await TimeLimit.Until(() => host.Connections.Held == (0, 0), "nothing is held");
        Assert.Equal(1, observer.Closed);
    }

    [Fact]
    public async Task A_refusal_is_counted_and_told_before_the_peer_can_see_it()
    {
        var observer = new Looking();
        await using var host = new ConnectionHost(new EngineOptions { MaxConnections = 1 }, observer);
        IPEndPoint endPoint = host.Listen(AnyPort, new EchoHandler());
        using Socket first = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(endPoint).WithinLimit();
        await TimeLimit.Until(() => host.Statistics.ConnectionsOpen == 1, "the first one is in");

        using Socket second = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        (observer.Peer, observer.Count) = (second, () => host.Statistics.ConnectionsRefused);
        await second.ConnectAsync(endPoint).WithinLimit();
        await AssertEndsAsync(second);
        Assert.Equal("OnRefused", observer.Order);
        Assert.False(observer.PeerCouldSee, "The peer could see it before.");
        Assert.Equal(1, observer.Counted);
    }

    [Fact]
    public async Task A_callback_that_throws_in_a_handshake_ends_that_handshake_and_its_count()
    {
        await using var pki = new TestHost();
        using var old = pki.Pki.Issue(new Leaf { Subject = "CN=old", Purposes = null });
        var options = pki.ServerOptions with
        {
            Policy = TlsPolicy.Legacy,
            OnLegacyPeer = _ => throw new NotSupportedException("deliberate"),
        };
        await using var host = new ConnectionHost(new EngineOptions(), pki);
        IPEndPoint endPoint = host.Listen(AnyPort, new TlsServerHandler(new EchoHandler(), options));
        await Record.ExceptionAsync(() => pki.ConnectTlsAsync(old, endPoint: endPoint));
        Assert.Equal(CloseReason.HandlerFault, (await pki.NextEndingAsync()).Reason);
        Assert.Equal((0, 1), (host.Statistics.HandshakesUnderWay, host.Statistics.HandshakesFailed));
        await TimeLimit.Until(
            () => host.Connections.Held == (0, 0) && host.Handshakes.Free == Environment.ProcessorCount, "nothing is held");
    }

    private static async Task<Stream> ConnectAsync(TestHost pki, bool tls, IPEndPoint endPoint) =>
        tls
            ? (await pki.ConnectTlsAsync(endPoint: endPoint)).Stream
            : new NetworkStream(await pki.ConnectRawAsync(endPoint), ownsSocket: true);

    private static async Task AssertEndsAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).WithinLimit());
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // An end as well.
        }
    }

    /// <summary>Echoes, until a byte tells it otherwise.</summary>
    private sealed class EchoOrThrow : IConnectionHandler
    {
        public const byte Poison = 250;
        public const byte Enough = 251;

        public async Task HandleAsync(Connection connection)
        {
            byte[] buffer = new byte[100];
            while (await connection.ReadAsync(buffer) is > 0 and int read)
            {
                if (read == 1 && buffer[0] == Poison) throw new NotSupportedException("deliberate");
                if (read == 1 && buffer[0] == Enough) return;
                await connection.WriteAsync(buffer.AsMemory(0, read));
                // What is read or written from now on is not awaited here: it waits where a stop can end it.
                await connection.WaitForDataAsync();
            }
        }
    }

    private sealed class AtOnce(bool throws) : IConnectionHandler
    {
        public Task HandleAsync(Connection connection) => throws ? throw new NotSupportedException("deliberate") : Task.CompletedTask;
    }

    private sealed class Throwing : IConnectionObserver
    {
        private int _told;

        public int Told => Volatile.Read(ref _told);

        public void OnClosed(ConnectionLifetime connection) => throw new NotSupportedException("deliberate");

        public void OnRefused(EndPoint? remote, CloseReason reason) => throw new IOException("deliberate");

        public void OnHandlerFault(ConnectionLifetime connection, Exception fault) => throw new ObjectDisposedException("deliberate");

        public void OnObserverFault(Exception fault)
        {
            Interlocked.Increment(ref _told);
            throw new NotSupportedException("deliberate");
        }
    }

    /// <summary>Looks, whenever it is told something, whether the peer's kernel has received anything.</summary>
    private sealed class Looking : IConnectionObserver
    {
        private static readonly TimeSpan LongEnough = TimeSpan.FromMilliseconds(100);
        private readonly List<string> _order = [];
        private volatile int _closed;

        public Socket Peer { get; set; } = null!;

        public Func<long> Count { get; set; } = () => 0;

        public int Closed => _closed;

        public bool PeerCouldSee { get; private set; }

        public long Counted { get; private set; }

        public string Order => string.Join(", ", _order);

        public void OnClosed(ConnectionLifetime connection)
        {
            Look(nameof(OnClosed));
            _closed++;
        }

        public void OnRefused(EndPoint? remote, CloseReason reason) => Look(nameof(OnRefused));

        public void OnHandlerFault(ConnectionLifetime connection, Exception fault) => Look(nameof(OnHandlerFault));

        private void Look(string what)
        {
            _order.Add(what);
            Counted = Count();
            PeerCouldSee |= Peer.Poll(LongEnough, SelectMode.SelectRead);
        }
    }
}
