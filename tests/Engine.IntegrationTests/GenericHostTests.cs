using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Framing;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Proxy;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;
using RawEcho.Server;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>services.AddRawEcho under the Generic Host.</summary>
public sealed class GenericHostTests : IDisposable
{
    private readonly TestPki _pki = new();
    private readonly TlsIdentity _server;
    private readonly TlsIdentity _client;

    public GenericHostTests()
    {
        _server = _pki.Identity(new Leaf { Subject = "CN=server", Purposes = [TestPki.ServerAuth] });
        _client = _pki.Identity(new Leaf { Subject = "CN=client", Purposes = [TestPki.ClientAuth] });
    }

    public void Dispose()
    {
        _server.Dispose();
        _client.Dispose();
        _pki.Dispose();
    }

    [Fact]
    public async Task A_server_serves_from_the_start_of_the_application_to_its_graceful_shutdown()
    {
        var log = new RecordingLoggerProvider();
        using IHost application = Build(log, services => services.AddRawEcho<EchoHandler>(Configure));
        await application.StartAsync().WithinLimit();
        RawEchoServer server = application.Services.GetRequiredService<RawEchoServer>();
        await using EngineClient client = CreateClient();
        await using Connection connection = await client.ConnectAsync(server.EndPoints[0]).WithinLimit();
        await EchoAsync(connection);
        Assert.Equal(1, server.Statistics.ConnectionsOpen);

        await application.StopAsync().WithinLimit();
        Assert.Equal(0, await connection.ReadAsync(new byte[1]).AsTask().WithinLimit());
        Assert.Equal(CloseReason.PeerClosed, connection.EndOfStream);
        Assert.Contains(log.Lines, l => l.StartsWith("Information: Listening on 127.0.0.1:", StringComparison.Ordinal));
        Assert.Contains(log.Lines, l => l.StartsWith("Information: Stopping: 1 connections", StringComparison.Ordinal));
        Assert.Contains("Information: Stopped.", log.Lines);
        Assert.Contains(log.Lines, l => l.EndsWith("closed: Drained (3 bytes received, 3 sent)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Behind_a_balancer_a_client_has_its_own_address()
    {
        var log = new RecordingLoggerProvider();
        using IHost application = Build(log, services => services.AddRawEcho<EchoHandler>(options =>
        {
            Configure(options);
            options.Proxy = new ProxyProtocolOptions { Proxies = [new IPNetwork(IPAddress.Loopback, 32)] };
        }));
        await application.StartAsync().WithinLimit();
        await using EngineClient client = CreateClient();
        var header = new ProxyHeader
        {
            Version = 2,
            Source = IPEndPoint.Parse("203.0.113.7:4711"),
            Destination = IPEndPoint.Parse("198.51.100.1:443"),
        };
        var options = new ConnectOptions
        {
            BeforeTls = async c =>
            {
                await c.SendProxyHeaderAsync(header);
                return true;
            },
        };
        IPEndPoint address = application.Services.GetRequiredService<RawEchoServer>().EndPoints[0];
        await using (Connection connection = await client.ConnectAsync(new ServerAddresses(address), options).WithinLimit())
            await EchoAsync(connection);
        await application.StopAsync().WithinLimit();
        Assert.Contains(log.Lines, l => l.Contains("203.0.113.7:4711", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Observers_that_are_services_are_told_who_came_and_how_it_ended()
    {
        var log = new RecordingLoggerProvider();
        Witness[] witnesses = [new(), new()];
        using IHost application = Build(log, services =>
        {
            foreach (Witness witness in witnesses) services.AddSingleton<IConnectionObserver>(witness);
            services.AddRawEcho<Quota>(Configure);
        });
        await application.StartAsync().WithinLimit();
        RawEchoServer server = application.Services.GetRequiredService<RawEchoServer>();
        await using EngineClient client = CreateClient();
        await using Connection connection = await client.ConnectAsync(server.EndPoints[0]).WithinLimit();
        await connection.WriteAsync("too much\n"u8.ToArray());
        foreach (Witness witness in witnesses)
        {
            Assert.Equal(
                ("CN=client", new ConnectionEnd(CloseReason.PolicyViolation, "One line is too many.")),
                await witness.Closed.Task.WithinLimit());
        }

        await TimeLimit.Until(
            () => log.Lines.Any(l => l.Contains("(CN=client) closed: PolicyViolation", StringComparison.Ordinal)), "the end is logged");
        await application.StopAsync().WithinLimit();
    }

    [Fact]
    public async Task What_a_stranger_can_cause_is_not_logged_above_debug()
    {
        var log = new RecordingLoggerProvider();
        using IHost application = Build(log, services => services.AddRawEcho<EchoHandler>(Configure));
        await application.StartAsync().WithinLimit();
        RawEchoServer server = application.Services.GetRequiredService<RawEchoServer>();
        using (var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            await stranger.ConnectAsync(server.EndPoints[0]);
            await stranger.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            await TimeLimit.Until(() => server.Statistics.HandshakesFailed == 1, "the handshake has failed");
        }

        await TimeLimit.Until(() => log.Lines.Any(l => l.Contains("HandshakeFailed", StringComparison.Ordinal)), "the end is logged");
        IEnumerable<string> aboveDebug = log.Lines.Where(l => !l.StartsWith("Debug", StringComparison.Ordinal));
        Assert.All(aboveDebug, l => Assert.Contains("Listening", l, StringComparison.Ordinal));
        await application.StopAsync().WithinLimit();
    }

    [Fact]
    public async Task A_handler_that_does_not_end_is_aborted_when_the_hosts_own_time_is_over()
    {
        var log = new RecordingLoggerProvider();
        var handler = new Stubborn();
        using IHost application = Build(log, services => services
            .AddSingleton(handler)
            .AddRawEcho<Stubborn>(o =>
            {
                Configure(o);
                o.DrainTimeout = Timeout.InfiniteTimeSpan;
            }));
        await application.StartAsync().WithinLimit();
        await using EngineClient client = CreateClient();
        await using Connection connection = await client.ConnectAsync(
            application.Services.GetRequiredService<RawEchoServer>().EndPoints[0]).WithinLimit();
        await handler.Entered.Task.WithinLimit();
        using var now = new CancellationTokenSource();
        Task stopping = application.StopAsync(now.Token);
        Assert.False(stopping.IsCompleted);
        await now.CancelAsync();
        await stopping.WithinLimit();
        Assert.Equal(CloseReason.DrainTimeout, handler.End);
    }

    [Fact]
    public async Task A_handler_that_throws_is_logged_with_its_exception()
    {
        var log = new RecordingLoggerProvider();
        using IHost application = Build(log, services => services.AddRawEcho<Throwing>(Configure));
        await application.StartAsync().WithinLimit();
        await using EngineClient client = CreateClient();
        await using Connection connection = await client.ConnectAsync(
            application.Services.GetRequiredService<RawEchoServer>().EndPoints[0]).WithinLimit();
        await TimeLimit.Until(
            () => log.Lines.Any(l => l.StartsWith("Error: The handler of connection 1", StringComparison.Ordinal)), "it is logged");
        await application.StopAsync().WithinLimit();
    }

    [Fact]
    public async Task Two_servers_of_one_application_are_told_apart()
    {
        using IHost application = Build(new RecordingLoggerProvider(), services => services
            .AddRawEcho<EchoHandler>(Configure)
            .AddRawEcho<Throwing>((_, o) => Configure(o)));
        await application.StartAsync().WithinLimit();
        RawEchoServer[] servers = [.. application.Services.GetServices<RawEchoServer>()];
        Assert.Equal(2, servers.Length);
        Assert.NotEqual(servers[0].EndPoints[0], servers[1].EndPoints[0]);
        await using EngineClient client = CreateClient();
        await using Connection connection = await client.ConnectAsync(servers[0].EndPoints[0]).WithinLimit();
        await EchoAsync(connection);
        await application.StopAsync().WithinLimit();
    }

    [Fact]
    public async Task An_application_without_an_address_or_without_tls_does_not_start()
    {
        using IHost noAddress = Build(new RecordingLoggerProvider(), s => s.AddRawEcho<EchoHandler>(o => o.AllowPlaintext = true));
        Assert.Equal("EndPoints", (await Assert.ThrowsAsync<EngineOptionException>(() => noAddress.StartAsync())).ParamName);
        using IHost noTls = Build(
            new RecordingLoggerProvider(), s => s.AddRawEcho<EchoHandler>(o => o.EndPoints.Add(new IPEndPoint(IPAddress.Loopback, 0))));
        Assert.Equal("Tls", (await Assert.ThrowsAsync<EngineOptionException>(() => noTls.StartAsync())).ParamName);
    }

    private static IHost Build(ILoggerProvider log, Action<IServiceCollection> add)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Debug).AddFilter("Microsoft", LogLevel.None).AddProvider(log);
        add(builder.Services);
        return builder.Build();
    }

    private static async Task EchoAsync(Connection connection)
    {
        byte[] sent = [1, 2, 3];
        await connection.WriteAsync(sent).AsTask().WithinLimit();
        byte[] read = new byte[3];
        await connection.AsStream().ReadExactlyAsync(read).AsTask().WithinLimit();
        Assert.Equal(sent, read);
    }

    private void Configure(RawEchoServerOptions options)
    {
        options.EndPoints.Add(new IPEndPoint(IPAddress.Loopback, 0));
        options.Tls = new TlsServerOptions { Identity = _server, TrustedRoots = _pki.Roots };
    }

    private EngineClient CreateClient() =>
        new(new TlsClientOptions { Identity = _client, TrustedRoots = _pki.Roots, ServerName = "localhost" });

    private sealed class Throwing : IConnectionHandler
    {
        public Task HandleAsync(Connection connection) => throw new NotSupportedException("a defect");
    }

    private sealed class Stubborn : IConnectionHandler
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CloseReason End { get; private set; }

        public async Task HandleAsync(Connection connection)
        {
            using BusyScope busy = connection.BeginWork();
            Entered.SetResult();
            await Task.Delay(Timeout.Infinite, connection.Ended).ContinueWith(_ => { }, TaskScheduler.Default);
            End = connection.Lifetime.End.Reason;
        }
    }

    private sealed class RecordingLoggerProvider : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel}: {formatter(state, exception)}");

        public void Dispose()
        {
        }
    }

    private sealed class Quota() : MessageHandler(LineFraming.WithLf)
    {
        protected override async Task ServeAsync(MessageConnection messages)
        {
            await messages.ReadAsync();
            throw MessageException.Violation("One line is too many.");
        }
    }

    private sealed class Witness : IConnectionObserver
    {
        public TaskCompletionSource<(string?, ConnectionEnd)> Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void OnClosed(ConnectionLifetime connection) => Closed.TrySetResult((connection.Peer?.Subject, connection.End));
    }
}
