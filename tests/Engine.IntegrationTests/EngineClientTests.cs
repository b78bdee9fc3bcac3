using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>Connections without a handler.</summary>
public class EngineClientTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_is_used_and_disposed_of(bool tls)
    {
        await using var host = new TestHost(tls: tls);
        await using var client = new EngineClient(tls ? host.ClientOptions() : null);
        await using (Connection connection = await client.ConnectAsync(host.EndPoint).WithinLimit())
        {
            Assert.Equal(tls, connection.Tls is { IsMutuallyAuthenticated: true });
            await TestHost.EchoAsync(connection.AsStream(), 100_000);
            Assert.False(connection.Ended.IsCancellationRequested);
        }

        Assert.Equal(CloseReason.PeerClosed, (await host.NextEndingAsync()).Reason);
        await TimeLimit.Until(() => client.Statistics is { ConnectionsOpen: 0, Pools.ArgsInUse: 0 }, "the client holds nothing");
        Assert.Equal(1, client.Statistics.Endings[CloseReason.LocalClosed]);
    }

    [Fact]
    public async Task A_connection_has_the_state_that_was_given_along()
    {
        await using var host = new TestHost();
        await using var client = new EngineClient(host.ClientOptions());
        object state = new();
        var options = new ConnectOptions { State = state };
        await using Connection connection = await client.ConnectAsync(new ServerAddresses(host.EndPoint), options).WithinLimit();
        Assert.Same(state, connection.State);
    }

    [Fact]
    public async Task Disposing_of_a_connection_that_reads_ends_it()
    {
        await using var host = new TestHost();
        await using var client = new EngineClient(
            host.ClientOptions(), new EngineOptions { CloseTimeout = TimeSpan.FromMilliseconds(300) });
        Connection connection = await client.ConnectAsync(host.EndPoint).WithinLimit();
        Task<int> reading = connection.ReadAsync(new byte[1]).AsTask();
        await connection.DisposeAsync().WithinLimit();
        await Task.WhenAny(reading).WithinLimit();
        await TimeLimit.Until(() => client.Statistics is { ConnectionsOpen: 0, Pools.ArgsInUse: 0 }, "the client holds nothing");
        await host.AssertNothingIsHeldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_rule_of_ones_own_decides_and_one_that_throws_lets_nobody_in(bool throws)
    {
        await using var host = new TestHost();
        await using var client = new EngineClient(host.ClientOptions());
        await using Connection before = await client.ConnectAsync(host.EndPoint).WithinLimit();
        await TestHost.EchoAsync(before.AsStream(), 10);
        var admission =
            new PeerAdmission { Rule = peer => throws ? throw new InvalidTimeZoneException("broken") : $"{peer.Subject} is not welcome." };
        Assert.Equal(1, host.Tls.Update(host.ServerOptions with { Admission = admission }));
        string expected = throws ? "The rule for peers failed: broken" : "CN=client is not welcome.";
        ConnectionEnd withdrawn = await host.NextEndingAsync();
        Assert.Equal((CloseReason.AccessWithdrawn, expected), (withdrawn.Reason, withdrawn.Detail));
        // Resumed or not.
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await using Connection after = await client.ConnectAsync(host.EndPoint).WithinLimit();
            if (await after.ReadAsync(new byte[1]) == 0) throw new IOException("closed");
        });
        ConnectionEnd refused = await host.NextEndingAsync();
        Assert.Equal((CloseReason.PeerCertificateRefused, expected), (refused.Reason, refused.Detail));
    }

    [Fact]
    public async Task Many_connections_resume_one_session()
    {
        await using var host = new TestHost();
        await using var client = new EngineClient(host.ClientOptions());
        for (int i = 0; i < 3; i++)
        {
            await using Connection connection = await client.ConnectAsync(host.EndPoint).WithinLimit();
            // Tickets come after the handshake, with the first data.
            await TestHost.EchoAsync(connection.AsStream(), 10);
            Assert.Equal(i > 0, connection.Tls!.IsResumed);
            Assert.Equal("localhost", connection.Tls.ServerName);
        }
    }

    [Fact]
    public async Task What_does_not_come_about_says_why()
    {
        await using var host = new TestHost();
        using var stranger = new TestPki();
        await using var distrusting = new EngineClient(host.ClientOptions() with { TrustedRoots = stranger.Roots });
        ConnectionEndedException refused =
            await Assert.ThrowsAsync<ConnectionEndedException>(() => distrusting.ConnectAsync(host.EndPoint).WithinLimit());
        Assert.Equal(CloseReason.PeerCertificateRefused, refused.End.Reason);

        await using var client = new EngineClient(host.ClientOptions(), new EngineOptions { MaxConnections = 1 });
        await Assert.ThrowsAsync<ConnectException>(() => client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, 1)).WithinLimit());
        await using Connection only = await client.ConnectAsync(host.EndPoint).WithinLimit();
        await Assert.ThrowsAsync<ConnectException>(() => client.ConnectAsync(host.EndPoint).WithinLimit());
    }

    [Fact]
    public async Task What_came_of_each_address_is_told_before_the_handshake_and_before_a_failure()
    {
        await using var host = new TestHost();
        using var placeholder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        placeholder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var nobody = (IPEndPoint)placeholder.LocalEndPoint!;
        await using var client = new EngineClient(host.ClientOptions());
        IReadOnlyList<AddressAttempt> told = [];
        var trace = new Trace(() => Assert.Equal(2, told.Count));
        var options = new ConnectOptions { OnDialed = attempts => told = attempts, Trace = trace };
        await using (Connection connection = await client.ConnectAsync(new ServerAddresses(nobody, host.EndPoint), options).WithinLimit())
        {
            Assert.Equal(connection.Id, trace.Connection!.Id);
        }

        Assert.Equal([nobody, host.EndPoint], told.Select(a => a.Address));
        Assert.Equal([SocketError.ConnectionRefused, null], told.Select(a => a.Failure?.Error));
        Assert.All(told, a => Assert.True(a.Time > TimeSpan.Zero));

        told = [];
        await Assert.ThrowsAsync<ConnectException>(() => client.ConnectAsync(new ServerAddresses(nobody), options).WithinLimit());
        Assert.Equal(nobody, Assert.Single(told).Failure?.EndPoint);
    }

    [Fact]
    public async Task Whoever_is_told_of_the_addresses_and_throws_costs_nothing_but_the_connection()
    {
        await using var host = new TestHost(tls: false);
        await using var client = new EngineClient(tls: null);
        var options = new ConnectOptions { OnDialed = _ => throw new InvalidTimeZoneException() };
        await Assert.ThrowsAsync<InvalidTimeZoneException>(
            () => client.ConnectAsync(new ServerAddresses(host.EndPoint), options).WithinLimit());
        await TimeLimit.Until(() => client.Statistics is { ConnectionsOpen: 0, Pools.ArgsInUse: 0 }, "the client holds nothing");
        await host.AssertNothingIsHeldAsync();
    }

    [Fact]
    public async Task A_handshake_that_fails_is_described_as_far_as_it_came()
    {
        await using var host = new TestHost();
        using var stranger = new TestPki();
        await using var client = new EngineClient(host.ClientOptions() with { TrustedRoots = stranger.Roots });
        var trace = new Trace();
        var server = new ServerAddresses(host.EndPoint);
        await Assert.ThrowsAsync<ConnectionEndedException>(
            () => client.ConnectAsync(server, new ConnectOptions { Trace = trace }).WithinLimit());
        const byte handshakeRecord = 22;
        Assert.Equal((handshakeRecord, handshakeRecord), (trace.Sent[0], trace.Received[0]));
        Assert.Equal("CN=server", trace.Subject);
        Assert.IsType<AuthenticationException>(trace.Failure);
        Assert.True(trace.Connection!.HandshakeTime > TimeSpan.Zero);
    }

    [Fact]
    public async Task Giving_up_ends_a_handshake_that_hangs()
    {
        // Takes connections and says nothing.
        await using var silent = new TestHost(handler: new Silent(), tls: false);
        await using var client = new EngineClient(silent.ClientOptions());
        using var enough = new CancellationTokenSource();
        Task<Connection> connecting = client.ConnectAsync(silent.EndPoint, enough.Token);
        await TimeLimit.Until(() => client.Statistics.HandshakesUnderWay == 1, "the handshake has begun");
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WithinLimit());
        await TimeLimit.Until(() => client.Statistics is { ConnectionsOpen: 0, Pools.ArgsInUse: 0 }, "the client holds nothing");
    }

    [Fact]
    public async Task The_end_of_the_client_is_the_end_of_its_connections()
    {
        await using var host = new TestHost();
        var client = new EngineClient(host.ClientOptions());
        Connection connection = await client.ConnectAsync(host.EndPoint).WithinLimit();
        Task<int> reading = connection.ReadAsync(new byte[1]).AsTask();
        await client.DisposeAsync().AsTask().WithinLimit();
        Assert.True(connection.Ended.IsCancellationRequested);
        await Assert.ThrowsAnyAsync<Exception>(() => reading.WithinLimit());
        await connection.DisposeAsync().WithinLimit();
        await host.AssertNothingIsHeldAsync();
    }

    [Theory]
    [InlineData("h2", "h2,http/1.1", "h2")]
    [InlineData("http/1.1,h2", "h2,http/1.1", "h2")]
    [InlineData("http/1.1", "h2,http/1.1", "http/1.1")]
    [InlineData("", "h2", null)]
    [InlineData("h2", "", null)]
    public async Task Both_sides_agree_on_a_protocol(string asked, string spoken, string? agreed)
    {
        var seen = new TaskCompletionSource<TlsDetails>();
        await using var host = new TestHost(handler: new Inspector(seen));
        host.Tls.Update(host.ServerOptions with { ApplicationProtocols = Protocols(spoken) });
        await using var client = new EngineClient(host.ClientOptions() with { ApplicationProtocols = Protocols(asked) });
        await using Connection connection = await client.ConnectAsync(host.EndPoint).WithinLimit();
        Assert.Equal(agreed, connection.Tls!.ApplicationProtocol);
        TlsDetails server = await seen.Task.WithinLimit();
        Assert.Equal(agreed, server.ApplicationProtocol);
        Assert.Equal("localhost", server.ServerName);
        Assert.False(server.IsResumed);
        Assert.Equal("CN=client", server.Peer!.Subject);
        Assert.Contains("cn:client", server.Peer.Names);
        Assert.Equal(64, server.Peer.Fingerprint.Length);
    }

    [Fact]
    public async Task Whoever_speaks_other_protocols_alone_is_refused()
    {
        await using var host = new TestHost();
        host.Tls.Update(host.ServerOptions with { ApplicationProtocols = Protocols("h2") });
        await using var client = new EngineClient(host.ClientOptions() with { ApplicationProtocols = Protocols("smtp") });
        await Assert.ThrowsAsync<ConnectionEndedException>(() => client.ConnectAsync(host.EndPoint).WithinLimit());
        Assert.Equal(CloseReason.HandshakeFailed, (await host.NextEndingAsync()).Reason);
    }

    [Theory]
    [InlineData("one.test", "CN=one")]
    [InlineData("two.test", "CN=two")]
    [InlineData("localhost", "CN=server")]
    public async Task The_server_shows_what_it_is_asked_for(string name, string subject)
    {
        await using var host = new TestHost();
        using TlsIdentity one =
            host.Pki.Identity(new Leaf { Subject = "CN=one", Purposes = [TestPki.ServerAuth], DnsNames = ["one.test"] });
        using TlsIdentity two =
            host.Pki.Identity(new Leaf { Subject = "CN=two", Purposes = [TestPki.ServerAuth], DnsNames = ["two.test"] });
        host.Tls.Update(
            host.ServerOptions with { SelectIdentity = asked => asked switch { "one.test" => one, "two.test" => two, _ => null } });
        await using var client = new EngineClient(host.ClientOptions() with { ServerName = name });
        for (int i = 0; i < 2; i++)
        {
            await using Connection connection = await client.ConnectAsync(host.EndPoint).WithinLimit();
            await TestHost.EchoAsync(connection.AsStream(), 10);
            Assert.Equal(subject, connection.Tls!.Remote!.Subject);
            Assert.Equal(i > 0, connection.Tls.IsResumed);
        }
    }

    private static List<SslApplicationProtocol> Protocols(string list) =>
        [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(p => new SslApplicationProtocol(p))];

    private sealed class Trace(Action? connected = null) : IHandshakeTrace
    {
        public List<byte> Sent { get; } = [];

        public List<byte> Received { get; } = [];

        public Connection? Connection { get; private set; }

        public string? Subject { get; private set; }

        public Exception? Failure { get; private set; }

        public void OnConnected(Connection connection)
        {
            Connection = connection;
            connected?.Invoke();
        }

        public void OnReceived(ReadOnlySpan<byte> bytes) => Received.AddRange(bytes);

        public void OnSent(ReadOnlySpan<byte> bytes) => Sent.AddRange(bytes);

        public void OnPeerCertificates(X509Certificate2? certificate, X509Certificate2Collection others) => Subject = certificate?.Subject;

        public void OnFailed(Exception cause) => Failure = cause;
    }

    private sealed class Silent : IConnectionHandler
    {
        public Task HandleAsync(Connection connection) =>
            Task.Delay(Timeout.Infinite, connection.Ended).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private sealed class Inspector(TaskCompletionSource<TlsDetails> seen) : IConnectionHandler
    {
        public async Task HandleAsync(Connection connection)
        {
            seen.TrySetResult(connection.Tls!);
            await connection.WaitForNextMessageAsync();
        }
    }
}
