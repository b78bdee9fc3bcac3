using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

public class ConnectTests
{
    [Fact]
    public async Task A_port_where_nobody_listens_is_named_and_nothing_is_kept()
    {
        await using var host = new ConnectionHost(new EngineOptions { MaxConnections = 1 });
        using var placeholder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        placeholder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var nobody = (IPEndPoint)placeholder.LocalEndPoint!;
        int descriptors = CountDescriptors();
        // Each time, and not only until the host is full of connections that did not come about.
        for (int i = 0; i < 20; i++)
        {
            var refused = await Assert.ThrowsAsync<ConnectException>(() => host.ConnectAsync(nobody, new Unreached()).WithinLimit());
            Assert.Equal(SocketError.ConnectionRefused, refused.Error);
            Assert.Contains(nobody.ToString(), refused.Message, StringComparison.Ordinal);
            Assert.Equal(0, host.Statistics.Pools.ArgsInUse);
        }

        // One or two that the runtime opens for itself are no matter.
        Assert.InRange(CountDescriptors(), 0, descriptors + 10);
    }

    [Fact]
    public async Task One_connection_too_many_is_not_opened_and_a_later_one_is()
    {
        await using var server = new TestHost(tls: false);
        await using var client =
            new ConnectionHost(new EngineOptions { MaxConnections = 1, CloseTimeout = TimeSpan.FromMilliseconds(200) });
        for (int i = 0; i < 2; i++)
        {
            var handler = new UntilTold();
            Task<ConnectionEnd> open = client.ConnectAsync(server.EndPoint, handler);
            await handler.Reached.WithinLimit();
            var refused = await Assert.ThrowsAsync<ConnectException>(
                () => client.ConnectAsync(server.EndPoint, new Unreached()).WithinLimit());
            Assert.Equal(SocketError.TooManyOpenSockets, refused.Error);
            handler.Tell();
            await open.WithinLimit();
        }
    }

    [Fact]
    public async Task A_connection_that_won_over_a_silent_address_is_timed_from_its_own_start_and_nothing_is_kept_of_the_other()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux: elsewhere a full backlog answers in other ways.");
        // A listener that never accepts and whose queue is full: the kernel drops what comes next without a word.
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen(0);
        using var queued = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await queued.ConnectAsync(silent.LocalEndPoint!).WithinLimit();
        await using var server = new TestHost(tls: false);
        await using var client = new ConnectionHost(new EngineOptions { MaxConnections = 1, ConnectTimeout = TimeSpan.FromMinutes(5) });
        var addresses = new ServerAddresses((IPEndPoint)silent.LocalEndPoint!, server.EndPoint);
        int descriptors = CountDescriptors();
        for (int i = 0; i < 20; i++)
        {
            long began = Stopwatch.GetTimestamp();
            var handler = new NotesStart();
            await client.ConnectAsync(addresses, handler).WithinLimit();
            Assert.True(handler.StartedAt >= began);
            if (i == 0) Assert.True(Stopwatch.GetElapsedTime(began, handler.StartedAt) >= AddressRace.AttemptDelay);
            Assert.Equal(server.EndPoint, addresses.Answering);
        }

        Assert.Equal(silent.LocalEndPoint, Assert.Single(addresses.Unreachable).Address);
        await TimeLimit.Until(() => client.Statistics.Pools.ArgsInUse == 0, "that all args are back");
        Assert.InRange(CountDescriptors(), 0, descriptors + 10);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        await using var host = new TestHost();
        var taken = Assert.Throws<ListenException>(() => host.Host.Listen(host.EndPoint, new Unreached()));
        Assert.Contains("another program uses this port", taken.Message, StringComparison.Ordinal);
        Assert.Equal(host.Baseline, host.Host.Statistics.Pools);
    }

    [Fact]
    public async Task A_server_of_another_name_is_refused()
    {
        await using var host = new TestHost();
        await using var client = new ConnectionHost(new EngineOptions());
        var handler = new TlsClientHandler(new Unreached(), host.ClientOptions() with { ServerName = "example.org" });
        ConnectionEnd end = await client.ConnectAsync(host.EndPoint, handler).WithinLimit();
        Assert.Equal(CloseReason.PeerCertificateRefused, end.Reason);
        Assert.Contains("not for 'example.org' but for localhost", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_another_CA_is_refused()
    {
        await using var host = new TestHost();
        using var other = new TestPki("CN=Other CA");
        await using var client = new ConnectionHost(new EngineOptions());
        var handler = new TlsClientHandler(new Unreached(), host.ClientOptions() with { TrustedRoots = other.Roots });
        ConnectionEnd end = await client.ConnectAsync(host.EndPoint, handler).WithinLimit();
        Assert.Equal(CloseReason.PeerCertificateRefused, end.Reason);
        Assert.Contains("not from a trusted CA", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_event_loops_is_settled_once()
    {
        Assert.Equal(1, EngineProcess.EventLoops);
        Assert.Throws<InvalidOperationException>(() => EngineProcess.Configure(new EngineProcessOptions { EventLoops = 2 }));
        Assert.Throws<EngineOptionException>(() => EngineProcess.Configure(new EngineProcessOptions { EventLoops = -1 }));
        EngineProcess.Configure(new EngineProcessOptions { EventLoops = 1 });
        EngineProcess.Configure(new EngineProcessOptions());
        Assert.Equal(1, EngineProcess.EventLoops);
    }

    private static int CountDescriptors() => OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : 0;

    private sealed class UntilTold : IConnectionHandler
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public void Tell() => _told.SetResult();

        public Task HandleAsync(Connection connection)
        {
            _reached.SetResult();
            return _told.Task;
        }
    }

    private sealed class NotesStart : IConnectionHandler
    {
        public long StartedAt { get; private set; }

        public Task HandleAsync(Connection connection)
        {
            StartedAt = connection.ConnectStartedAt;
            return Task.CompletedTask;
        }
    }

    private sealed class Unreached : IConnectionHandler
    {
        public Task HandleAsync(Connection connection) => throw new InvalidOperationException("The handler must not be reached.");
    }
}
