using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>rawecho-server --http: the answers, the three levels of TLS, rotation, and stopping under load.</summary>
public sealed class HttpServiceTests(Certificates certificates)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Levels => new()
    {
        { "mutual", "1.1" }, { "mutual", "2.0" }, { "server", "2.0" }, { "none", "1.1" },
    };

    [Theory]
    [MemberData(nameof(Levels))]
    public async Task Every_path_answers_over_every_level_of_tls(string level, string version)
    {
        await using RunningHttpServer server = await RunningHttpServer.StartAsync([.. Tls(level)]);
        Assert.Equal(level == "none" ? "http" : "https", server.Http.Scheme);
        using HttpClient client =
            server.CreateClient(certificates, level == "mutual" ? certificates.Client : null, Version.Parse(version));
        Assert.Equal("Hello World", await client.GetStringAsync("/", Stop));
        byte[] sent = RandomNumberGenerator.GetBytes(300_000);
        using var content = new ByteArrayContent(sent);
        using HttpResponseMessage echo = await client.PostAsync("/echo", content, Stop);
        Assert.Equal(sent, await echo.Content.ReadAsByteArrayAsync(Stop));
        using HttpResponseMessage missing = await client.GetAsync("/none", Stop);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        using HttpResponseMessage refused = await client.DeleteAsync("/", Stop);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
        Assert.Equal(["GET", "HEAD"], refused.Content.Headers.Allow);

        using JsonDocument report = JsonDocument.Parse(await client.GetStringAsync("/connection", Stop));
        JsonElement root = report.RootElement;
        Assert.Equal(version == "2.0" ? "HTTP/2" : "HTTP/1.1", root.GetProperty("http").GetString());
        JsonElement tls = root.GetProperty("tls");
        Assert.Equal(level == "none" ? JsonValueKind.Null : JsonValueKind.Object, tls.ValueKind);
        // For HTTP/1.1 alone HttpClient asks for no protocol.
        if (level != "none") Assert.Equal(version == "2.0" ? "h2" : null, tls.GetProperty("applicationProtocol").GetString());
        if (level == "mutual") Assert.Equal("CN=test client", root.GetProperty("client").GetProperty("subject").GetString());
        else Assert.Equal(JsonValueKind.Null, root.GetProperty("client").ValueKind);

        (await server.StopAsync()).WithOutput("HTTP requests: 5 (2xx 3, 4xx 2)");
    }

    [Fact]
    public async Task A_browser_gets_a_page_in_which_a_certificate_is_text()
    {
        PemFiles own = certificates.Write("markup", new Leaf { Subject = "CN=<b>client</b>" });
        await using RunningHttpServer server = await RunningHttpServer.StartAsync([.. certificates.ServerOptions]);
        using HttpClient client = server.CreateClient(certificates, own);
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html,application/xhtml+xml,*/*;q=0.8");
        using HttpResponseMessage response = await client.GetAsync("/connection", Stop);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        string page = await response.Content.ReadAsStringAsync(Stop);
        Assert.Contains("mutual TLS", page, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;client", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>client", page, StringComparison.Ordinal);
        await server.StopAsync();
    }

    [Fact]
    public async Task Who_may_not_come_in_is_refused_and_named_once_and_others_go_on()
    {
        PemFiles foreign = certificates.WriteForeign("http-foreign", new Leaf { Subject = "CN=foreign" });
        await using RunningHttpServer server = await RunningHttpServer.StartAsync([.. certificates.ServerOptions]);
        using HttpClient good = server.CreateClient(certificates, certificates.Client);
        Assert.Equal("Hello World", await good.GetStringAsync("/", Stop));
        using (HttpClient nameless = server.CreateClient(certificates, own: null))
            await Assert.ThrowsAsync<HttpRequestException>(() => nameless.GetStringAsync("/", Stop));
        using (HttpClient stranger = server.CreateClient(certificates, foreign))
            await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetStringAsync("/", Stop));
        using (var plain = new HttpClient { BaseAddress = new UriBuilder(server.Http) { Scheme = "http" }.Uri })
            await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetStringAsync("/", Stop));
        await server.Process.WaitForLineAsync("It showed no certificate.");
        await server.Process.WaitForLineAsync("is not from a trusted CA");
        await server.Process.WaitForLineAsync("The peer does not speak TLS.");
        Assert.Equal("Hello World", await good.GetStringAsync("/", Stop));
        ProgramResult result = await server.StopAsync();
        // HttpClient tries again: each of its connections is told of once.
        string[] refused =
            [.. result.Output.Where(l => l.Contains("Refused 127.0.0.1:", StringComparison.Ordinal)).Select(l => l.Split(' ')[2])];
        Assert.Equal(refused.Distinct(), refused);
        result.WithOutput(string.Create(CultureInfo.InvariantCulture, $"Handshakes: 1 done, {refused.Length} failed"));
        result.WithOutput("HTTP requests: 2 (2xx 2)");
    }

    [Fact]
    public async Task What_is_not_http_is_answered_with_400_and_closed()
    {
        await using RunningHttpServer server = await RunningHttpServer.StartAsync([.. Tls("none")]);
        string[] nonsenses =
            ["GARBAGE\r\n\r\n", "GET / HTTP/9.9\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n"];
        foreach (string nonsense in nonsenses)
            Assert.StartsWith("HTTP/1.1 ", await ExchangeAsync(server.Http, nonsense), StringComparison.Ordinal);
        string flood = string.Concat(Enumerable.Range(0, 3000).Select(i => string.Create(CultureInfo.InvariantCulture, $"X-{i}: y\r\n")));
        Assert.StartsWith(
            "HTTP/1.1 431 ", await ExchangeAsync(server.Http, $"GET / HTTP/1.1\r\nHost: x\r\n{flood}\r\n"), StringComparison.Ordinal);
        ProgramResult result = await server.StopAsync();
        Assert.Equal(0, result.Count("   at "));
        result.WithOutput("HTTP requests: 0");
    }

    [Theory]
    [InlineData("ends")]
    [InlineData("resets")]
    [InlineData("nonsense")]
    public async Task A_body_that_is_not_whole_is_counted_as_such_and_no_fault_of_the_server(string how)
    {
        await using RunningHttpServer server = await RunningHttpServer.StartAsync([.. Tls("none")]);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(server.Http.Host, server.Http.Port, Stop);
            NetworkStream stream = client.GetStream();
            string head = how == "nonsense" ? "Transfer-Encoding: chunked" : "Content-Length: 100000";
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /echo HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n"), Stop);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(how == "nonsense" ? "5\r\nfirst\r\n" : "first"), Stop);
            // The echo has begun.
            byte[] buffer = new byte[4096];
            string received = "";
            while (!received.Contains("first", StringComparison.Ordinal))
            {
                int bytes = await stream.ReadAsync(buffer, Stop).AsTask().WithinLimit();
                Assert.True(bytes > 0, received);
                received += Encoding.ASCII.GetString(buffer, 0, bytes);
            }

            if (how == "nonsense") await stream.WriteAsync("ZZZ\r\n"u8.ToArray(), Stop);
            if (how == "resets") client.LingerState = new LingerOption(true, 0);
            if (how == "nonsense") await DrainAsync(stream, buffer);
        }

        using HttpClient next = server.CreateClient(certificates, own: null);
        Assert.Equal("Hello World", await next.GetStringAsync("/", Stop));
        ProgramResult result = await server.StopAsync();
        result.WithOutput("HTTP requests: 2 (2xx 1, cut off 1)");
        Assert.Equal(0, result.Count("unhandled"));
    }

    [Fact]
    public async Task A_renewed_certificate_and_a_revoked_client_count_for_http_too()
    {
        using var folder = new TempFolder();
        var own = new PemFiles(folder["server.pem"], folder["server-key.pem"]);
        Copy(certificates.Server, own);
        string allowed = folder.Write("allowed", "cn:test client\n");
        await using RunningHttpServer server = await RunningHttpServer.StartAsync(
            [.. Certificates.Options(certificates.Ca, own), "--allow-file", allowed, "--reload", "100ms"]);
        using HttpClient client = server.CreateClient(certificates, certificates.Client);
        Assert.Equal("CN=test server", await ServerSubjectAsync(client));
        Copy(certificates.Write("http-renewed", new Leaf { Subject = "CN=renewed server" }), own);
        await server.Process.WaitForLineAsync("Reloaded (files have changed): own certificate CN=renewed server");
        using (HttpClient next = server.CreateClient(certificates, certificates.Client))
            Assert.Equal("CN=renewed server", await ServerSubjectAsync(next));
        // The connection that was open before still has the certificate that it began with, and says so.
        Assert.Equal("CN=test server", await ServerSubjectAsync(client));

        File.WriteAllText(allowed, "cn:nobody\n");
        await server.Process.WaitForLineAsync("Connections ended, their peers no longer being let in: ");
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/", Stop));
        await server.Process.WaitForLineAsync("is not on the allow-list");
        await server.StopAsync();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_request_that_was_begun_is_answered_when_the_server_stops(string version)
    {
        Requires.Signals();
        await using RunningHttpServer server =
            await RunningHttpServer.StartAsync([.. certificates.ServerOptions, "--admin", "127.0.0.1:0"]);
        using HttpClient client = server.CreateClient(certificates, certificates.Client, Version.Parse(version));
        using var admin = new HttpClient { BaseAddress = server.Admin };
        // Idle, and so closed at once: it must not hold up the stop.
        using HttpClient idle = server.CreateClient(certificates, certificates.Client);
        Assert.Equal("Hello World", await idle.GetStringAsync("/", Stop));
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/readyz", Stop)).StatusCode);

        using var body = new SlowBody();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/echo")
        {
            Content = body,
            Version = client.DefaultRequestVersion,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        // The server has begun with it when it says so, or when it has answered the next one of the same connection.
        request.Headers.ExpectContinue = version == "1.1";
        Task<HttpResponseMessage> begun = client.SendAsync(request, Stop);
        await body.Begun.WithinLimit();
        if (version == "2.0") Assert.Equal("Hello World", await client.GetStringAsync("/", Stop));
        server.Process.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        await server.Process.WaitForLineAsync("draining");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await admin.GetAsync("/readyz", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/healthz", Stop)).StatusCode);
        body.Finish();
        using HttpResponseMessage answer = await begun.WithinLimit();
        Assert.Equal("first last", await answer.Content.ReadAsStringAsync(Stop));
        (await server.Process.ExitAsync()).EndedWith(Exit.Success)
            .WithOutput(version == "2.0" ? "HTTP requests: 3 (2xx 3)" : "HTTP requests: 2 (2xx 2)");
    }

    [Fact]
    public async Task Addresses_that_cannot_be_are_one_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        foreach (string option in new[] { "--http", "--admin" })
        {
            await using var server = new ProgramProcess(
                Programs.Server, ["--listen", "127.0.0.1:0", option, $"{taken.LocalEndpoint}", .. certificates.ServerOptions]);
            (await server.ExitAsync()).EndedWith(Exit.Network).WithOneSentence($"{taken.LocalEndpoint}", "another program uses this port");
        }

        foreach (string[] words in new string[][] { ["--admin-tls"], ["--admin", ":0", "--admin-tls", "--tls", "none"], ["--http", "x"] })
        {
            await using var server = new ProgramProcess(Programs.Server, [.. words]);
            (await server.ExitAsync()).EndedWith(Exit.Usage);
        }
    }

    private string[] Tls(string level) => level switch
    {
        "mutual" => certificates.ServerOptions,
        "server" => ["--tls", "server", "--cert", certificates.Server.Certificate, "--key", certificates.Server.Key],
        _ => ["--tls", "none"],
    };

    private static async Task<string?> ServerSubjectAsync(HttpClient client)
    {
        using JsonDocument report = JsonDocument.Parse(await client.GetStringAsync("/connection", Stop));
        return report.RootElement.GetProperty("server").GetProperty("subject").GetString();
    }

    private static async Task<string> ExchangeAsync(Uri server, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, Stop);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Stop);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        return await reader.ReadToEndAsync(Stop).WithinLimit();
    }

    private static async Task DrainAsync(NetworkStream stream, byte[] buffer)
    {
        try
        {
            while (await stream.ReadAsync(buffer, Stop).AsTask().WithinLimit() > 0)
            {
                // Until the server has ended the connection.
            }
        }
        catch (IOException)
        {
            // By a reset.
        }
    }

    private static void Copy(PemFiles from, PemFiles to)
    {
        File.Copy(from.Certificate, to.Certificate, overwrite: true);
        File.Copy(from.Key, to.Key, overwrite: true);
    }

    /// <summary>A body whose end is sent when the test says so.</summary>
    private sealed class SlowBody : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        public void Finish() => _finish.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("first "u8.ToArray());
            await stream.FlushAsync();
            _begun.TrySetResult();
            await _finish.Task;
            await stream.WriteAsync("last"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
