using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using RawEcho.Testing;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>HTTP/1.1 on Kestrel's own transport and on ours: the answers are equal.</summary>
public sealed class Http1Tests
{
    private static string Get(object path) => $"GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n";

    public static TheoryData<ServedBy> All => [ServedBy.Stock, ServedBy.ThreadPool, ServedBy.EventLoop, ServedBy.Guarded];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Pipelined_requests_are_answered_in_order(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(server, a => a.MapGet("/{n:int}", (int n) => $"<{n}>"));
        await using WireClient client = await WireClient.ConnectAsync(host);
        // In pieces that end in the middle of a request.
        string requests = string.Concat(Enumerable.Range(0, 200).Select(n => Get(n)));
        for (int sent = 0; sent < requests.Length; sent += 1500)
            await client.SendAsync(requests[sent..Math.Min(requests.Length, sent + 1500)]);
        string answers = await client.ReadUntilAsync("<199>");
        int[] order = [.. answers.Split('<').Skip(1).Select(a => int.Parse(a.Split('>')[0], null))];
        Assert.Equal(Enumerable.Range(0, 200), order);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Chunked_bodies_pass_both_ways(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(server, Echo);
        await using WireClient client = await WireClient.ConnectAsync(host);
        await client.SendAsync(
            "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n6\r\n wor");
        await Task.Delay(20);
        await client.SendAsync("ld\r\n0\r\n\r\n");
        string answer = await client.ReadToEndAsync();
        Assert.Contains("Transfer-Encoding: chunked", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        string body = answer.Split("\r\n\r\n", 2)[1];
        Assert.Equal("hello world", string.Concat(body.Split("\r\n").Where((_, i) => i % 2 == 1)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_client_that_expects_100_Continue_gets_it_when_the_body_is_read(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(server, Echo);
        await using WireClient client = await WireClient.ConnectAsync(host);
        await client.SendAsync("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await client.ReadUntilAsync("\r\n\r\n"));
        await client.SendAsync("ok");
        Assert.StartsWith("HTTP/1.1 200 OK", await client.ReadUntilAsync("0\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_WebSocket_echoes_and_closes_in_order(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(server, MapWebSocket);
        using var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Issuer == host.Pki.Issuer.Subject;
        socket.Options.ClientCertificates.Add(host.ClientCertificate);
        Uri address = new UriBuilder(host.Address) { Scheme = "wss", Path = "/socket" }.Uri;
        await socket.ConnectAsync(address, CancellationToken.None).WithinLimit();
        byte[] buffer = new byte[100_000];
        foreach (int size in new[] { 1, 100, 70_000, 3 })
        {
            byte[] message = Encoding.ASCII.GetBytes(new string((char)('a' + (size % 26)), size));
            await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).WithinLimit();
            int received = 0;
            WebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(new ArraySegment<byte>(buffer, received, buffer.Length - received), default).WithinLimit();
                received += part.Count;
            }
            while (!part.EndOfMessage);
            Assert.Equal(message, buffer[..received]);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None).WithinLimit();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_application_hears_of_a_client_that_goes_while_it_works(ServedBy server)
    {
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebHost host = await WebHost.StartAsync(server, a => a.MapGet("/wait", async (HttpContext context) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            aborted.SetResult();
        }));
        await using (WireClient client = await WireClient.ConnectAsync(host))
        {
            await client.SendAsync(Get("wait"));
            await begun.Task.WithinLimit();
        }

        await aborted.Task.WithinLimit();
        if (server == ServedBy.Stock) return;
        await TimeLimit.Until(() => host.Endings.Closed.Count == 1, "the connection is counted");
        Assert.Equal(CloseReason.PeerClosed, host.Endings.Reasons.Single() switch
        {
            // SslStream's dispose sends close_notify only where it was asked to: then FIN alone is what comes.
            CloseReason.PeerTruncated => CloseReason.PeerClosed,
            var reason => reason,
        });
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_large_body_passes_both_ways_and_buffers_stay_few(ServedBy server)
    {
        const int total = 64 * 1024 * 1024;
        int most = 0;
        WebHost? running = null;
        void Observe()
        {
            if (server != ServedBy.Stock) most = Math.Max(most, running!.Statistics.Pools.BuffersInUse);
        }

        await using WebHost host = running = await WebHost.StartAsync(
            server, a => LargeBodies.Map(a, total, Observe), listen => listen.KestrelServerOptions.Limits.MaxRequestBodySize = null);
        using HttpClient client = host.CreateClient();
        HttpResponseMessage answer = await client.PostAsync("/upload", new PatternContent(total)).WithinLimit();
        Assert.Equal($"{total} as expected", await answer.Content.ReadAsStringAsync().WithinLimit());
        await using Stream body = await client.GetStreamAsync("/download").WithinLimit();
        Assert.Equal(total, await PatternContent.CheckAsync(body, Observe).WithinLimit());
        Assert.InRange(most, 0, 8);
        if (server == ServedBy.Stock) return;
        await TimeLimit.Until(() => host.Statistics.Pools.BuffersInUse == 0, "all buffers are returned");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_reader_that_is_too_slow_is_cut_off(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(
            server,
            a => a.MapGet("/large", (HttpContext context) => context.Response.Body.WriteAsync(new byte[64 * 1024 * 1024]).AsTask()),
            listen => listen.KestrelServerOptions.Limits.MinResponseDataRate = new(bytesPerSecond: 100_000_000, TimeSpan.FromSeconds(1.1)));
        await using WireClient client = await WireClient.ConnectAsync(host);
        await client.SendAsync(Get("large"));
        await TimeLimit.Until(() => host.Log.Lines.Any(l => l.Text.Contains("minimum", StringComparison.Ordinal)), "it is logged");
        string answer = await client.ReadToEndAsync();
        Assert.InRange(answer.Length, 0, 63 * 1024 * 1024);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Headers_that_do_not_come_in_time_end_the_connection(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(
            server, Echo, listen => listen.KestrelServerOptions.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(1));
        await using WireClient client = await WireClient.ConnectAsync(host);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: lo");
        Assert.StartsWith("HTTP/1.1 408", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_malformed_request_is_refused_and_others_go_on(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(server, Echo);
        using HttpClient good = host.CreateClient();
        await using WireClient bad = await WireClient.ConnectAsync(host);
        await bad.SendAsync("NONSENSE\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400", await bad.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await good.PostAsync("/echo", new StringContent("a")).WithinLimit()).StatusCode);
        Assert.Empty(host.Log.Above(Microsoft.Extensions.Logging.LogLevel.Information));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task An_application_protocol_that_the_endpoint_lacks_is_refused(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(
            server, Features.Map, listen => listen.Protocols = Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1);
        await Assert.ThrowsAnyAsync<System.Security.Authentication.AuthenticationException>(
            () => WireClient.ConnectAsync(host, alpn: "h2"));
        await using WireClient good = await WireClient.ConnectAsync(host);
        Assert.Equal("http/1.1", good.Tls.NegotiatedApplicationProtocol.ToString());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task What_was_negotiated_is_shown_to_the_application(ServedBy server)
    {
        await using WebHost host = await WebHost.StartAsync(server, Features.Map);
        using HttpClient client = host.CreateClient();
        string shown = await client.GetStringAsync("/features").WithinLimit();
        // Of the name that the client asked for stock Kestrel hears only where it chooses certificates by it.
        Assert.Equal(server == ServedBy.Stock ? "" : "localhost", shown.Split('/', 2)[1]);
        Assert.Equal("Tls13 TLS_AES_256_GCM_SHA384 Aes256 256 None CN=client https HTTP 1.1 ", shown.Split('/')[0]);
    }

    private static void Echo(WebApplication application) =>
        application.MapPost("/echo", (HttpContext context) => context.Request.Body.CopyToAsync(context.Response.Body));

    private static void MapWebSocket(WebApplication application)
    {
        application.UseWebSockets();
        application.Map("/socket", async (HttpContext context) =>
        {
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
            byte[] buffer = new byte[4096];
            while (true)
            {
                WebSocketReceiveResult part = await socket.ReceiveAsync(buffer, default);
                if (part.MessageType == WebSocketMessageType.Close) break;
                await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, default);
            }

            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        });
    }
}
