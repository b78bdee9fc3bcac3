using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RawEcho.Engine.Certificates;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>What endpoints may be like, and what is refused when the server starts.</summary>
public sealed class EndpointTests
{
    [Fact]
    public async Task Endpoints_have_rules_of_their_own()
    {
        await using WebHost host = await WebHost.StartAsync(
            ServedBy.ThreadPool,
            a => a.MapGet("/", (HttpContext context) => context.Connection.ClientCertificate?.Subject ?? context.Request.Scheme),
            (h, kestrel) =>
            {
                kestrel.Listen(IPAddress.Loopback, 0, h.UseTls);
                kestrel.Listen(IPAddress.Loopback, 0, l => l.UseRawEchoTls(h.Tls with { RequireClientCertificate = false }));
                kestrel.Listen(IPAddress.Loopback, 0, l => l.UseRawEchoTls(
                    h.Tls with { Admission = new PeerAdmission { Rule = p => p.Names.Contains("cn:boss") ? null : "Only the boss." } }));
                kestrel.Listen(IPAddress.Loopback, 0);
            });
        Uri[] addresses = [.. host.Application.Urls.Select(u => new Uri(u.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)))];
        Assert.Equal(["https", "https", "https", "http"], addresses.Select(a => a.Scheme));
        using X509Certificate2 boss = host.Pki.Issue(new Leaf { Subject = "CN=boss" });
        using HttpClient worker = host.CreateClient(), anonymous = host.CreateClient(anonymous: true), bossy = host.CreateClient(boss);
        Assert.Equal("CN=client", await worker.GetStringAsync(addresses[0]).WithinLimit());
        Assert.Equal("https", await anonymous.GetStringAsync(addresses[1]).WithinLimit());
        Assert.Equal("CN=boss", await bossy.GetStringAsync(addresses[2]).WithinLimit());
        Assert.Equal("http", await anonymous.GetStringAsync(addresses[3]).WithinLimit());
        await Assert.ThrowsAsync<HttpRequestException>(() => anonymous.GetStringAsync(addresses[0]).WithinLimit());
        await Assert.ThrowsAsync<HttpRequestException>(() => worker.GetStringAsync(addresses[2]).WithinLimit());
        // HttpClient tries again.
        Assert.InRange(host.Endings.Reasons.Count(r => r == CloseReason.PeerCertificateRefused), 2, 20);
        Assert.Empty(host.Log.Above(LogLevel.Information));
    }

    [Fact]
    public async Task Sockets_that_listen_already_are_used_and_a_descriptor_as_a_service_manager_passes_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Descriptors are of Unix.");
        using Socket passed = ListeningSocket.Open(new IPEndPoint(IPAddress.Loopback, 0), backlog: 10);
        Socket opened = ListeningSocket.Open(new IPEndPoint(IPAddress.Loopback, 0), backlog: 10);
        var address = (IPEndPoint)opened.LocalEndPoint!;
        await using (WebHost host = await WebHost.StartAsync(
            ServedBy.ThreadPool,
            a => a.MapGet("/", () => "hello"),
            (_, kestrel) =>
            {
                kestrel.Listen(address);
                kestrel.ListenHandle((ulong)passed.Handle);
            },
            b => b.Services.Configure<RawEchoTransportOptions>(o => o.Listening = [opened])))
        {
            Assert.Equal([$"http://{address}", $"http://{passed.LocalEndPoint}"], host.Application.Urls);
            using HttpClient client = host.CreateClient(anonymous: true);
            foreach (string url in host.Application.Urls)
                Assert.Equal("hello", await client.GetStringAsync(new Uri(url)).WithinLimit());
        }

        // The one was the transport's to close, and the other is its manager's.
        using var late = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(address).WithinLimit());
        await late.ConnectAsync((IPEndPoint)passed.LocalEndPoint!).WithinLimit();
    }

    [Theory]
    [InlineData(ServedBy.ThreadPool)]
    [InlineData(ServedBy.EventLoop)]
    public async Task Who_shows_no_certificate_is_refused_and_counted_once(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(server, a => a.MapGet("/", () => "hello"));
        await using (WireClient anonymous = await WireClient.ConnectAsync(host, certificate: false))
            Assert.Equal("", await anonymous.ReadToEndAsync());
        await TimeLimit.Until(() => host.Statistics.ConnectionsOpen == 0, "the connection is closed");
        Assert.Equal([CloseReason.PeerCertificateRefused], host.Endings.Reasons);
        Assert.Equal(1, host.Statistics.Endings[CloseReason.PeerCertificateRefused]);
        LogLine line = Assert.Single(host.Log.Lines, l => l.Category == "RawEcho.Engine.AspNetCore");
        Assert.Contains("certificate", line.Text, StringComparison.Ordinal);
        Assert.Empty(host.Log.Above(LogLevel.Information));
        using HttpClient good = host.CreateClient();
        Assert.Equal("hello", await good.GetStringAsync("/").WithinLimit());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001")]
    [InlineData("")]
    public async Task What_is_no_TLS_is_refused_and_counted_once(string sent)
    {
        await using WebHost host = await WebHost.StartAsync(ServedBy.ThreadPool, a => a.MapGet("/", () => "hello"));
        await using (WireClient plain = await WireClient.ConnectAsync(host, tls: false))
        {
            await plain.SendAsync(sent);
            plain.Socket.Shutdown(SocketShutdown.Send);
            await plain.ReadToEndAsync();
        }

        await TimeLimit.Until(() => host.Statistics.ConnectionsOpen == 0 && !host.Endings.Closed.IsEmpty, "the connection is closed");
        Assert.Equal([sent.Length == 0 ? CloseReason.EndedBeforeFirstByte : CloseReason.HandshakeFailed], host.Endings.Reasons);
        Assert.Empty(host.Log.Above(LogLevel.Information));
    }

    [Fact]
    public async Task TLS_to_a_plain_endpoint_is_refused_by_Kestrel()
    {
        await using WebHost host = await WebHost.StartAsync(
            ServedBy.EventLoop, a => a.MapGet("/", () => "hello"), (_, kestrel) => kestrel.Listen(IPAddress.Loopback, 0));
        await Assert.ThrowsAnyAsync<Exception>(() => WireClient.ConnectAsync(host));
        Assert.Empty(host.Log.Above(LogLevel.Information));
    }

    [Fact]
    public async Task Certificates_and_rules_change_while_the_server_runs()
    {
        RawEchoTls? tls = null;
        await using WebHost host = await WebHost.StartAsync(
            ServedBy.ThreadPool, a => a.MapGet("/", () => "hello"), (h, kestrel) =>
            {
                tls = new RawEchoTls(h.Tls);
                kestrel.Listen(IPAddress.Loopback, 0, l => l.UseRawEchoTls(tls));
                kestrel.Listen(IPAddress.Loopback, 0, l => l.UseRawEchoTls(tls));
            });
        using HttpClient client = host.CreateClient(version: HttpVersion.Version20);
        Uri second = new(host.Application.Urls.Last().Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        Assert.Equal("hello", await client.GetStringAsync("/").WithinLimit());
        Assert.Equal("hello", await client.GetStringAsync(second).WithinLimit());
        using TlsIdentity renewed = host.Pki.Identity(new Leaf { Subject = "CN=renewed" });
        Assert.Equal(0, tls!.Update(host.Tls with { Identity = renewed }));
        await using (WireClient raw = await WireClient.ConnectAsync(host)) Assert.Equal("CN=renewed", raw.Tls.RemoteCertificate!.Subject);
        await TimeLimit.Until(() => host.Statistics.ConnectionsOpen == 2, "the raw client has gone");
        var nobody = new PeerAdmission { Rule = _ => "Nobody any more." };
        Assert.Equal(2, tls.Update(host.Tls with { Identity = renewed, Admission = nobody }));
        await TimeLimit.Until(() => host.Statistics.ConnectionsOpen == 0, "the peers are put out");
        Assert.Equal(2, host.Statistics.Endings[CloseReason.AccessWithdrawn]);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/").WithinLimit());
    }

    [Fact]
    public async Task Any_address_takes_IPv4_and_localhost_both_loopbacks()
    {
        static void Map(WebApplication a) => a.MapGet("/", (HttpContext c) => c.Connection.RemoteIpAddress!.MapToIPv4().ToString());
        await using (WebHost any = await WebHost.StartAsync(ServedBy.ThreadPool, Map, (h, kestrel) => kestrel.ListenAnyIP(0, h.UseTls)))
        {
            using HttpClient client = any.CreateClient();
            Assert.Equal("127.0.0.1", await client.GetStringAsync($"https://127.0.0.1:{any.Address.Port}/").WithinLimit());
        }

        int port = FreePort();
        await using WebHost local = await WebHost.StartAsync(
            ServedBy.ThreadPool, Map, (h, kestrel) => kestrel.ListenLocalhost(port, h.UseTls));
        using HttpClient both = local.CreateClient();
        Assert.Equal("127.0.0.1", await both.GetStringAsync($"https://127.0.0.1:{port}/").WithinLimit());
        if (Socket.OSSupportsIPv6) Assert.NotEmpty(await both.GetStringAsync($"https://[::1]:{port}/").WithinLimit());
    }

    [Fact]
    public async Task An_address_in_use_is_told_as_Kestrel_tells_it()
    {
        using var taken = new Socket(SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        IOException refused = await Assert.ThrowsAsync<IOException>(() => WebHost.StartAsync(
            ServedBy.ThreadPool, _ => { }, (_, kestrel) => kestrel.Listen(IPAddress.Loopback, port)));
        Assert.IsType<AddressInUseException>(refused.InnerException);
    }

    [Fact]
    public async Task Unix_sockets_stay_with_the_transport_that_was_there()
    {
        using var folder = new TempFolder();
        string path = folder["web.sock"];
        await using WebHost host = await WebHost.StartAsync(
            ServedBy.ThreadPool, a => a.MapGet("/", () => "hello"), (_, kestrel) => kestrel.ListenUnixSocket(path));
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        Assert.Equal("hello", await client.GetStringAsync("http://localhost/").WithinLimit());
    }

    [Fact]
    public async Task UseHttps_works_over_connections_of_the_engine()
    {
        await using WebHost host = await WebHost.StartAsync(
            ServedBy.ThreadPool, a => a.MapGet("/", () => "hello"),
            (h, kestrel) => kestrel.Listen(IPAddress.Loopback, 0, l => l.UseHttps(h.Identity.Certificate)));
        using HttpClient client = host.CreateClient(version: HttpVersion.Version20);
        Assert.Equal("hello", await client.GetStringAsync("/").WithinLimit());
        Assert.Equal(1, host.Statistics.ConnectionsOpen);
    }

    public static TheoryData<string, string> Impossible => new()
    {
        { "UseHttps first", "calls UseRawEchoTls and UseHttps" },
        { "UseHttps last", "calls UseRawEchoTls and UseHttps" },
        { "UseHttps last, by callback", "calls UseRawEchoTls and UseHttps" },
        { "UseRawEchoTls twice", "one of them twice" },
        { "HTTP/3", "HTTP/3" },
        { "unix socket", "serves IP addresses alone" },
        { "stock transport", "call builder.WebHost.UseRawEcho()" },
        { "sockets last", "call builder.WebHost.UseRawEcho() after" },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public async Task An_endpoint_that_cannot_be_is_refused_at_the_start_with_one_sentence(string what, string says)
    {
        using var folder = new TempFolder();
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => WebHost.StartAsync(
            what == "stock transport" ? ServedBy.Stock : ServedBy.ThreadPool,
            _ => { },
            (h, kestrel) =>
            {
                if (what == "unix socket") kestrel.ListenUnixSocket(folder["s"], l => l.UseRawEchoTls(h.Tls));
                else kestrel.Listen(IPAddress.Loopback, 0, l => Configure(l, h, what));
            },
            builder =>
            {
                if (what == "sockets last") builder.Services.AddSingleton<IConnectionListenerFactory, SocketTransportFactory>();
            }));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task What_reads_the_connection_before_TLS_is_refused_when_a_connection_comes()
    {
        await using WebHost host = await WebHost.StartAsync(
            ServedBy.ThreadPool, a => a.MapGet("/", () => "hello"), listen => listen.UseConnectionLogging());
        await Assert.ThrowsAnyAsync<Exception>(() => WireClient.ConnectAsync(host));
        await TimeLimit.Until(() => host.Log.Above(LogLevel.Warning).Any(), "it is logged");
        Assert.Contains("must stand before", host.Log.Above(LogLevel.Warning).Single().Exception!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ServedBy.Stock)]
    [InlineData(ServedBy.ThreadPool)]
    [InlineData(ServedBy.EventLoop)]
    public async Task A_step_behind_TLS_may_put_its_own_pipes_in_the_place_of_ours(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(
            server, a => a.MapGet("/", () => "hello"),
            (h, kestrel) => kestrel.Listen(IPAddress.Loopback, 0, l =>
            {
                h.UseTls(l);
                l.UseConnectionLogging();
            }));
        using HttpClient client = host.CreateClient();
        for (int i = 0; i < 3; i++) Assert.Equal("hello", await client.GetStringAsync("/").WithinLimit());
        await host.Application.StopAsync().WithinLimit();
        if (server == ServedBy.Stock) return;
        await TimeLimit.Until(() => host.Statistics.ConnectionsOpen == 0, "the connection is closed");
        Assert.Equal(0, host.Statistics.Pools.BuffersInUse);
    }

    private static void Configure(ListenOptions listen, WebHost host, string what)
    {
        if (what == "UseHttps first") listen.UseHttps(host.Identity.Certificate);
        listen.UseRawEchoTls(host.Tls);
        if (what == "UseHttps last") listen.UseHttps(host.Identity.Certificate);
        if (what == "UseHttps last, by callback") listen.UseHttps((_, _, _, _) => throw new InvalidOperationException(), new object());
        if (what == "UseRawEchoTls twice") listen.UseRawEchoTls(host.Tls);
        if (what == "HTTP/3") listen.Protocols = HttpProtocols.Http1AndHttp2AndHttp3;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
