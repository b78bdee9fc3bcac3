using System.Text.Json;
using RawEcho.Client.Http.Tests.Support;
using RawEcho.CommandLine;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Client.Http.Tests;

/// <summary>Requests in stages and over connections that are replaced, and what cannot be asked for.</summary>
public sealed class PaceTests(TestFiles files) : IClassFixture<TestFiles>
{
    private static readonly JsonSchema Schema = JsonSchema.Read(Programs.InRepository("docs/result.schema.json"));

    [Theory]
    [InlineData("1.1", "")]
    [InlineData("1.1", "--rate 400")]
    [InlineData("2", "--depth 3")]
    public async Task A_connection_carries_so_many_requests_and_is_replaced(string http, string options)
    {
        await using WebServer server = await WebServer.StartAsync(files);
        const int clients = 2, messages = 32;
        JsonElement run = await RunAsync(
            [
                "run", $"{server.Url}/echo", "--http", http, "--clients", $"{clients}", "--messages", $"{messages}", "--size", "1-5000",
                "--messages-per-connection", "6", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            ]);
        Assert.Equal(messages, run.GetProperty("roundTrips").GetInt64());
        Assert.Equal(0, run.GetProperty("unanswered").GetInt64());
        Assert.Equal(0, run.GetProperty("mismatches").GetInt64());
        // Sixteen requests of each client take three connections.
        Assert.Equal(3 * clients, run.GetProperty("connections").GetProperty("opened").GetInt64());
        Assert.Equal(2 * clients, run.GetProperty("churn").GetProperty("opened").GetInt64());
    }

    [Fact]
    public async Task Requests_follow_stages()
    {
        await using WebServer server = await WebServer.StartAsync(files: null);
        JsonElement run = await RunAsync(
            ["run", server.Url, "--clients", "2", "--stages", "200:500ms,200:250ms", "--warmup", "250ms", "--arrivals", "uniform"]);
        // A hundred in all, of which the quarter of the way up has sent 12.5.
        long due = run.GetProperty("roundTrips").GetInt64() + run.GetProperty("rate").GetProperty("unsent").GetInt64();
        Assert.InRange(due, 87, 88);
        Assert.Equal(175, run.GetProperty("rate").GetProperty("asked").GetDouble(), precision: 6);
    }

    [Theory]
    [InlineData("--stages and --rate: choose one of the two", "--stages", "5:5s", "--rate", "5")]
    [InlineData("--stages and --duration: choose one of the two", "--stages", "5:5s", "--duration", "5s")]
    [InlineData("--stages and --messages: choose one of the two", "--stages", "5:5s", "--messages", "5")]
    [InlineData("--stages and --ramp: choose one of the two", "--stages", "5:5s", "--ramp", "5s")]
    [InlineData("--warmup: it takes all of the stages", "--stages", "5:5s", "--warmup", "5s")]
    [InlineData("--stages takes stages such as 1k:30s,5k:1m,0:10s", "--stages", "1k")]
    [InlineData("--arrivals takes uniform or poisson, not 'x'", "--rate", "5", "--arrivals", "x")]
    [InlineData("--arrivals poisson needs --rate or --stages", "--arrivals", "poisson")]
    [InlineData("--abort-if takes a condition such as", "--abort-if", "p99")]
    [InlineData("--abort-if takes a share (%) of errors", "--abort-if", "p99>1%")]
    [InlineData("--fail-if takes a share (%) of errors", "--fail-if", "rps<1%")]
    [InlineData("--abort-if late>1%: this run has no 'late'", "--abort-if", "late>1%")]
    [InlineData("--messages-per-connection takes a whole number from 1", "--messages-per-connection", "0")]
    [InlineData(
        "--messages-per-connection and --no-keep-alive: choose one of the two", "--messages-per-connection", "5", "--no-keep-alive")]
    [InlineData("--full-handshakes: there is no handshake without TLS", "--full-handshakes")]
    public async Task What_cannot_be_is_refused(string sentence, params string[] options)
    {
        ClientRun run = await ClientRun.RunAsync(["run", "http://127.0.0.1:9/", .. options]);
        run.EndedWith(ExitCode.Usage);
        Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
    }

    private async Task<JsonElement> RunAsync(string[] arguments)
    {
        string[] tls = arguments[1].StartsWith("https", StringComparison.Ordinal) ? files.Mutual : [];
        ClientRun run = await ClientRun.RunAsync([.. arguments, "--json", "--quiet", .. tls]);
        run.EndedWith(ExitCode.Success);
        Schema.AssertValid(run.Output);
        return JsonDocument.Parse(run.Output).RootElement;
    }
}
