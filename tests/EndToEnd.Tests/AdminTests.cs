using System.Net;
using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>rawecho-server --admin: what operators and their tools read there.</summary>
public sealed class AdminTests(Certificates certificates)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_metrics_are_those_of_the_server_and_not_of_the_admin_pages()
    {
        await using RunningHttpServer server = await RunningHttpServer.StartAsync(
            ["--listen", "127.0.0.1:0", .. certificates.ServerOptions, "--admin", "127.0.0.1:0"]);
        string listening = await server.Process.WaitForLineAsync("Listening on ");
        string address = listening["Listening on ".Length..];
        (await LoadRun.RunAsync(address, certificates, "--clients", "2", "--messages", "50")).EndedWith(Exit.Success);
        using var admin = new HttpClient { BaseAddress = server.Admin };
        // Collected at most every 300 ms.
        string metrics = "";
        while (!metrics.Contains("handshakes_total", StringComparison.Ordinal)) metrics = await admin.GetStringAsync("/metrics", Stop);
        string[] lines = metrics.Split('\n');
        Assert.Equal("2", Value("rawecho_tls_handshakes_total"));
        Assert.Equal("2", Value("rawecho_connections_accepted_total"));
        Assert.Equal("50", Value("rawecho_io_write_operations_total"));
        Assert.Equal("2", Value("rawecho_tls_handshake_duration_seconds_count"));
        Assert.Contains(lines, l => l.StartsWith("dotnet_gc_", StringComparison.Ordinal));
        await server.StopAsync();

        string Value(string name) => Assert.Single(lines, l => l.StartsWith($"{name}{{", StringComparison.Ordinal)).Split(' ')[1];
    }

    [Fact]
    public async Task The_live_page_is_kept_up_to_date_until_the_server_stops()
    {
        Requires.Signals();
        await using RunningHttpServer server =
            await RunningHttpServer.StartAsync([.. certificates.ServerOptions, "--admin", "127.0.0.1:0"]);
        using var admin = new HttpClient { BaseAddress = server.Admin };
        string page = await admin.GetStringAsync("/", Stop);
        Assert.Contains("data-live=\"live\"", page, StringComparison.Ordinal);
        using HttpResponseMessage missing = await admin.GetAsync("/none", Stop), refused = await admin.PostAsync("/", null, Stop);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed), (missing.StatusCode, refused.StatusCode));

        using HttpResponseMessage stream = await admin.GetAsync("/live", HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync(Stop));
        for (int i = 0; i < 2; i++)
        {
            string? line = await reader.ReadLineAsync(Stop).AsTask().WithinLimit();
            using JsonDocument update = JsonDocument.Parse(line!["data: ".Length..]);
            Assert.Contains("Open connections", update.RootElement.GetProperty("html").GetString(), StringComparison.Ordinal);
            Assert.Equal("", await reader.ReadLineAsync(Stop).AsTask().WithinLimit());
        }

        server.Process.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        await reader.ReadToEndAsync(Stop).WithinLimit();
        (await server.Process.ExitAsync()).EndedWith(Exit.Success);
    }

    [Fact]
    public async Task No_more_live_pages_are_served_than_may_be()
    {
        await using RunningHttpServer server =
            await RunningHttpServer.StartAsync([.. certificates.ServerOptions, "--admin", "127.0.0.1:0"]);
        using var admin = new HttpClient { BaseAddress = server.Admin };
        var open = new List<HttpResponseMessage>();
        for (int i = 0; i < 16; i++) open.Add(await admin.GetAsync("/live", HttpCompletionOption.ResponseHeadersRead, Stop));
        Assert.All(open, r => Assert.Equal(HttpStatusCode.OK, r.StatusCode));
        using HttpResponseMessage refused = await admin.GetAsync("/live", Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("ready\n", await admin.GetStringAsync("/readyz", Stop));
        foreach (HttpResponseMessage one in open) one.Dispose();
        HttpStatusCode again = HttpStatusCode.ServiceUnavailable;
        while (again != HttpStatusCode.OK)
        {
            using HttpResponseMessage answer = await admin.GetAsync("/live", HttpCompletionOption.ResponseHeadersRead, Stop);
            again = answer.StatusCode;
        }

        await server.StopAsync();
    }

    [Fact]
    public async Task Metrics_go_to_the_collector_that_the_environment_names()
    {
        await using var collector = new OtlpCollector();
        var environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{collector.Address}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
        };
        await using RunningServer server = await RunningServer.OfAsync(
            new ProgramProcess(Programs.Server, ["--listen", "127.0.0.1:0", "--tls", "none"], environment));
        await collector.WaitForAsync("rawecho.connections.accepted", Stop).WithinLimit();
        Assert.StartsWith("POST /v1/metrics ", collector.Received, StringComparison.Ordinal);
        await server.StopAsync();

        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "nonsense";
        await using var refused = new ProgramProcess(Programs.Server, ["--listen", "127.0.0.1:0", "--tls", "none"], environment);
        (await refused.ExitAsync()).EndedWith(Exit.Usage).WithOneSentence("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense");
    }

    [Fact]
    public async Task With_tls_the_admin_pages_ask_for_a_certificate_too()
    {
        await using RunningHttpServer server =
            await RunningHttpServer.StartAsync([.. certificates.ServerOptions, "--admin", "127.0.0.1:0", "--admin-tls"]);
        Assert.Equal("https", server.Admin!.Scheme);
        using HttpClient nameless = server.CreateClient(certificates, own: null);
        using HttpClient own = server.CreateClient(certificates, certificates.Client);
        await Assert.ThrowsAsync<HttpRequestException>(() => nameless.GetStringAsync(new Uri(server.Admin, "/healthz"), Stop));
        Assert.Equal("ok\n", await own.GetStringAsync(new Uri(server.Admin, "/healthz"), Stop));
        await server.StopAsync();
    }

    [Fact]
    public async Task The_admin_pages_answer_while_the_server_is_full()
    {
        await using RunningHttpServer server = await RunningHttpServer.StartAsync(
            ["--listen", "127.0.0.1:0", .. certificates.ServerOptions, "--max-connections", "1", "--admin", "127.0.0.1:0"]);
        using HttpClient client = server.CreateClient(certificates, certificates.Client);
        using HttpClient second = server.CreateClient(certificates, certificates.Client);
        Assert.Equal("Hello World", await client.GetStringAsync("/", Stop));
        await Assert.ThrowsAsync<HttpRequestException>(() => second.GetStringAsync("/", Stop));
        using var admin = new HttpClient { BaseAddress = server.Admin };
        Assert.Equal("ready\n", await admin.GetStringAsync("/readyz", Stop));
        await server.StopAsync();
    }
}
