using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RawEcho.Client.Http.Tests.Support;
using RawEcho.CommandLine;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Client.Http.Tests;

/// <summary>run, max and handshake with URLs.</summary>
public sealed class LoadTests(TestFiles files) : IClassFixture<TestFiles>
{
    private static readonly JsonSchema Schema = JsonSchema.Read(Programs.InRepository("docs/result.schema.json"));

    [Theory]
    [InlineData("1.1", "")]
    [InlineData("1.1", "--no-keep-alive")]
    [InlineData("1.1", "--rate 400")]
    [InlineData("1.1", "--rate 100 --no-keep-alive")]
    [InlineData("2", "")]
    [InlineData("2", "--depth 8")]
    [InlineData("2", "--depth 8 --rate 1000")]
    [InlineData("2", "--no-keep-alive")]
    public async Task Bodies_are_echoed_and_verified(string http, string options)
    {
        await using WebServer server = await WebServer.StartAsync(files);
        string[] more = options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        const int messages = 60;
        JsonElement result = await RunAsync(
            ["run", $"{server.Url}/echo", "--http", http, "--clients", "4", "--messages", $"{messages}", "--size", "1-20000", .. more]);
        Assert.Equal(messages, result.GetProperty("roundTrips").GetInt64());
        Assert.Equal(0, result.GetProperty("mismatches").GetInt64());
        Assert.Equal(0, result.GetProperty("unanswered").GetInt64());
        Assert.Empty(result.GetProperty("errors").EnumerateArray());
        Assert.Equal(messages, Status(result, 200));
        JsonElement settings = result.GetProperty("settings").GetProperty("http");
        Assert.Equal((http, "POST", "echo"), (Text(settings, "version"), Text(settings, "method"), Text(settings, "bodies")));
        bool keepAlive = !options.Contains("--no-keep-alive", StringComparison.Ordinal);
        Assert.Equal(keepAlive, settings.GetProperty("keepAlive").GetBoolean());
        long opened = result.GetProperty("connections").GetProperty("opened").GetInt64();
        Assert.True(keepAlive ? opened == 4 : opened >= messages, $"{opened} connections");
        Assert.Equal(0, result.GetProperty("connections").GetProperty("lost").GetInt64());
        Assert.True(result.GetProperty("bytesSent").GetInt64() > result.GetProperty("http").GetProperty("largestBody").GetInt64());
        bool isOpenLoop = options.Contains("--rate", StringComparison.Ordinal);
        Assert.Equal(isOpenLoop, result.GetProperty("correctedLatency").ValueKind == JsonValueKind.Object);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task A_time_ends_a_run_and_the_last_responses_are_taken(string http)
    {
        HttpProtocols protocols = http == "2" ? HttpProtocols.Http2 : HttpProtocols.Http1;
        await using WebServer server = await WebServer.StartAsync(files: null, protocols: protocols);
        JsonElement result = await RunAsync(
            ["run", server.Url, "--http", http, "--clients", "3", "--duration", "300ms", "--warmup", "100ms"]);
        Assert.True(result.GetProperty("roundTrips").GetInt64() > 0);
        Assert.Equal(0, result.GetProperty("unanswered").GetInt64());
        Assert.Equal(11, result.GetProperty("http").GetProperty("smallestBody").GetInt64());
        Assert.Equal("length", result.GetProperty("settings").GetProperty("http").GetProperty("bodies").GetString());
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task A_server_that_closes_after_some_requests_is_connected_to_again(string http)
    {
        int count = 0;
        await using WebServer server = await WebServer.StartAsync(files, map: web => web.MapGet("/closing", (HttpContext context) =>
        {
            if (Interlocked.Increment(ref count) % 5 == 0)
                context.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>().RequestClose();
            return "x";
        }));
        JsonElement result = await RunAsync(["run", $"{server.Url}/closing", "--http", http, "--clients", "1", "--messages", "23"]);
        Assert.Equal(23, result.GetProperty("roundTrips").GetInt64());
        Assert.Empty(result.GetProperty("errors").EnumerateArray());
        Assert.True(result.GetProperty("connections").GetProperty("opened").GetInt64() >= 5);
        Assert.Equal(0, result.GetProperty("connections").GetProperty("lost").GetInt64());
    }

    [Fact]
    public async Task Statuses_are_counted_and_fail_a_run_only_when_that_is_asked_for()
    {
        int count = 0;
        await using WebServer server = await WebServer.StartAsync(
            files, map: web => web.MapGet(
                "/some", () => TypedResults.StatusCode(Interlocked.Increment(ref count) % 4 == 0 ? 503 : 204)));
        string[] arguments = ["run", $"{server.Url}/some", "--clients", "1", "--messages", "20"];
        JsonElement result = await RunAsync(arguments);
        Assert.Equal((15, 5), (Status(result, 204), Status(result, 503)));
        ClientRun failed = await ClientRun.RunAsync(
            [.. arguments, "--quiet", "--fail-if", "status!=204>0", "--fail-if", "status>=400>5", .. files.Mutual]);
        failed.EndedWith(ExitCode.ConditionMet);
        Assert.Contains("rawecho-client: FAIL: --fail-if status!=204>0: it was 5.", failed.Errors);
        Assert.Contains("Statuses: 204 (15), 503 (5)", failed.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task A_body_that_is_not_what_was_sent_is_a_mismatch(string http)
    {
        await using WebServer server = await WebServer.StartAsync(files, map: web => web.Use(async (context, next) =>
        {
            if (context.Request.Path != "/echo") await next();
            else await context.Response.WriteAsync(new string('x', (int)context.Request.ContentLength!.Value));
        }));
        ClientRun run = await ClientRun.RunAsync(
            ["run", $"{server.Url}/echo", "--http", http, "--size", "100",
                "--clients", "1", "--messages", "5", "--quiet", .. files.Mutual]);
        run.EndedWith(ExitCode.Mismatch).WithOneSentence("echo differs", "of an echo of 100 bytes is not what was sent");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task A_client_that_is_refused_is_told_why(string http)
    {
        await using WebServer server = await WebServer.StartAsync(files);
        string[] arguments = ["run", server.Url, "--http", http, "--clients", "3", "--messages", "5", "--quiet"];
        ClientRun nothing = await ClientRun.RunAsync([.. arguments, .. files.ServerOnly]);
        nothing.EndedWith(ExitCode.TlsRefused).WithOneSentence("probably refused", "requires a client certificate");
        ClientRun untrusted = await ClientRun.RunAsync([.. arguments, "--tls", "server", "--ca", files.OtherCa]);
        untrusted.EndedWith(ExitCode.TlsRefused).WithOneSentence("server's certificate refused");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", ExitCode.ConnectionLost, "connection lost")]
    [InlineData("nonsense\r\n\r\n", ExitCode.Mismatch, "no HTTP")]
    [InlineData("", ExitCode.TlsRefused, "closed at the request")]
    public async Task A_response_that_is_none_fails_the_run(string answer, int exitCode, string words)
    {
        await using var server = ScriptedServer.Answering(answer);
        ClientRun run = await ClientRun.RunAsync("run", $"http://localhost:{server.Port}/", "--clients", "1", "--messages", "3", "--quiet");
        run.EndedWith(exitCode).WithOneSentence(words);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task A_lost_connection_is_replaced_when_that_is_asked_for()
    {
        int count = 0;
        await using var server = new ScriptedServer(async stream =>
        {
            while (await ScriptedServer.ReadHeadAsync(stream) is { Length: > 0 })
            {
                if (Interlocked.Increment(ref count) == 3) return;
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"u8.ToArray());
                if (count == 5) return;
                await stream.WriteAsync(new byte[100]);
            }
        });
        ClientRun run = await ClientRun.RunAsync(
            "run", $"http://localhost:{server.Port}/", "--clients", "1", "--messages", "8", "--reconnect", "--json");
        using JsonDocument json = JsonDocument.Parse(run.EndedWith(ExitCode.Success).Output);
        // The third request was met by an end in order, and is repeated; the fifth lost half of its response.
        Assert.Equal(1, json.RootElement.GetProperty("connections").GetProperty("lost").GetInt64());
        Assert.Equal(1, json.RootElement.GetProperty("connections").GetProperty("replaced").GetInt64());
        Assert.Equal(7, json.RootElement.GetProperty("roundTrips").GetInt64());
        Assert.Equal(1, json.RootElement.GetProperty("unanswered").GetInt64());
    }

    [Fact]
    public async Task A_server_that_stops_answering_is_found_out()
    {
        await using var server = new ScriptedServer(stream => stream.CopyToAsync(Stream.Null));
        ClientRun run = await ClientRun.RunAsync(
            "run", $"http://localhost:{server.Port}/", "--clients", "1", "--echo-timeout", "300ms", "--quiet", "--duration", "60s");
        run.EndedWith(ExitCode.ConnectionLost).WithOneSentence("--echo-timeout");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task Handshakes_end_with_a_response(string http)
    {
        await using WebServer server = await WebServer.StartAsync(files);
        JsonElement result = await RunAsync(["handshake", server.Url, "--http", http, "--clients", "2", "--count", "6"]);
        foreach (string kind in new[] { "full", "resumed" })
        {
            JsonElement phase = result.GetProperty(kind);
            Assert.Equal(6, phase.GetProperty("handshakes").GetInt64());
            Assert.Equal(6, Status(phase, 200));
        }

        ClientRun refused = await ClientRun.RunAsync(
            ["handshake", server.Url, "--count", "2", "--clients", "1", "--quiet", .. files.ServerOnly]);
        refused.EndedWith(ExitCode.TlsRefused).WithOneSentence("probably refused");
    }

    [Fact]
    public async Task The_highest_rate_is_searched_and_errors_do_not_hold_it()
    {
        await using WebServer server = await WebServer.StartAsync(files: null, protocols: HttpProtocols.Http1);
        string[] search =
        [
            "--p99", "5s", "--from", "50", "--to", "100", "--duration", "1s", "--warmup", "100ms", "--confirm", "1", "--clients", "4",
            "--json",
        ];
        ClientRun good = await ClientRun.RunAsync(["max", $"{server.Url}/", .. search]);
        using JsonDocument json = JsonDocument.Parse(good.EndedWith(ExitCode.Success).Output);
        Schema.AssertValid(good.Output);
        Assert.Equal(100, json.RootElement.GetProperty("rate").GetDouble());
        ClientRun bad = await ClientRun.RunAsync(["max", $"{server.Url}/fail", .. search]);
        bad.EndedWith(ExitCode.ConditionMet);
        Assert.Contains("status 503", bad.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run http://localhost/ --tls server", "--tls server", "http://")]
    [InlineData("run http://localhost/ --server localhost:1", "--server", "one of the two ways")]
    [InlineData("run http://localhost/ localhost:1", "URLs and addresses")]
    [InlineData("run http://localhost/ https://localhost/", "same scheme")]
    [InlineData("run http://localhost/ --depth 2", "--depth", "--http 2")]
    [InlineData("run http://localhost/ --http 2 --depth 2 --no-keep-alive", "--depth and --no-keep-alive")]
    [InlineData("run localhost:1 --tls none --method GET --http 2", "--http and --method", "URL")]
    [InlineData("run localhost:1 --tls none --no-keep-alive", "--no-keep-alive", "URL")]
    [InlineData("run localhost:1 --tls none --fail-if status!=200>0", "no status", "URL")]
    [InlineData("max localhost:1 --tls none --p99 5ms --header X:y", "--header", "URL")]
    [InlineData("handshake http://localhost/", "http://", "no handshake without TLS")]
    [InlineData("run ftp://localhost/", "'ftp'")]
    [InlineData("run nonsense:x", "no target", "https://", "an address such as localhost")]
    public async Task Options_that_make_no_sense_are_refused(string line, params string[] words) =>
        (await ClientRun.RunAsync([.. line.Split(' ')])).EndedWith(ExitCode.Usage).WithOneSentence(words);

    private async Task<JsonElement> RunAsync(string[] arguments)
    {
        string[] tls = arguments[1].StartsWith("https", StringComparison.Ordinal) ? files.Mutual : [];
        ClientRun run = await ClientRun.RunAsync([.. arguments, "--json", "--quiet", .. tls]);
        run.EndedWith(ExitCode.Success);
        Schema.AssertValid(run.Output);
        return JsonDocument.Parse(run.Output).RootElement;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static int Status(JsonElement result, int status) => result.GetProperty("http").GetProperty("statuses").EnumerateArray()
        .Where(s => s.GetProperty("status").GetInt32() == status).Sum(s => s.GetProperty("count").GetInt32());
}
