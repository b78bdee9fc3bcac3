using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Rates that change, runs that a condition ends, connections that are replaced in order, and handshakes at a rate.</summary>
public sealed class PaceTests(Certificates certificates)
{
    private static readonly JsonSchema Schema = JsonSchema.Read(Programs.InRepository("docs/result.schema.json"));

    [Fact]
    public async Task Every_message_of_the_stages_is_sent_or_counted_and_the_report_tells_the_stages()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        using var folder = new TempFolder();
        string page = folder["report.html"];
        JsonElement run = await RunAsync(
            Exit.Success, server.Address, "--clients", "3", "--stages", "400:0,400:1s,0:0s,0:500ms,400:500ms", "--report", page);
        Assert.Equal(500, run.GetProperty("roundTrips").GetInt64() + Rate(run, "unsent"));
        Assert.Equal(250, run.GetProperty("rate").GetProperty("asked").GetDouble(), precision: 6);
        Assert.Equal(2, run.GetProperty("seconds").GetDouble(), precision: 3);
        JsonElement settings = run.GetProperty("settings");
        Assert.Equal(
            [(400, 0), (400, 1), (0, 0), (0, 0.5), (400, 0.5)],
            settings.GetProperty("stages").EnumerateArray()
                .Select(s => (s.GetProperty("rate").GetDouble(), s.GetProperty("seconds").GetDouble())));
        Assert.Equal("open", settings.GetProperty("loop").GetString());
        Assert.Contains("400:0s,400:1s,0:0s,0:0.5s,400:0.5s", await File.ReadAllTextAsync(page), StringComparison.Ordinal);
        await server.StopAsync();
    }

    [Fact]
    public async Task A_condition_ends_a_run_at_the_second_at_which_it_holds()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "2", "--rate", "100", "--duration", "60s", "--arrivals", "poisson", "--seed", "1",
            "--abort-if", "errors>0", "--abort-if", "rps<1M", "--fail-if", "unanswered>1%", "--interval", "10s", "--json");
        client.EndedWith(Exit.ConditionMet)
            .WithError("rawecho-client: FAIL: --abort-if rps<1M: it was ")
            .WithError(" s, and ended the run.")
            .WithError("FAIL: --fail-if unanswered>1%: it cannot be decided, because --abort-if ended the run; it was 0 % (0 of ");
        JsonElement run = Parse(Assert.Single(client.Output));
        Assert.True(run.GetProperty("aborted").GetBoolean());
        Assert.False(run.GetProperty("interrupted").GetBoolean());
        Assert.Equal("poisson", run.GetProperty("settings").GetProperty("arrivals").GetString());
        double seconds = run.GetProperty("seconds").GetDouble();
        JsonElement ended = run.GetProperty("conditions")[0];
        Assert.Equal("--abort-if", ended.GetProperty("option").GetString());
        Assert.InRange(ended.GetProperty("endedAtSeconds").GetInt64(), 1, seconds);
        Assert.True(seconds < 30, $"{seconds} s");
        await server.StopAsync();
    }

    [Fact]
    public async Task A_condition_without_data_ends_nothing()
    {
        await using var silent = TestServer.WithTls(certificates, (_, socket) => TestServer.DiscardAsync(socket));
        JsonElement run = await RunAsync(
            Exit.ConnectionLost, silent.Address, "--clients", "1", "--rate", "1", "--duration", "1300ms", "--drain-timeout", "100ms",
            "--abort-if", "p50<1m", "--abort-if", "unanswered>0%");
        Assert.False(run.GetProperty("aborted").GetBoolean());
        Assert.Equal(1.3, run.GetProperty("seconds").GetDouble(), precision: 3);
        // What was on its way at a second was not unanswered; at the end it was.
        JsonElement atTheEnd = Assert.Single(run.GetProperty("conditions").EnumerateArray());
        Assert.Equal("unanswered>0%", atTheEnd.GetProperty("condition").GetString());
        Assert.Equal(JsonValueKind.Null, atTheEnd.GetProperty("endedAtSeconds").ValueKind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--depth", "4")]
    [InlineData("--rate", "300", "--depth", "3", "--full-handshakes")]
    public async Task Connections_are_replaced_in_order_after_their_messages_and_send_what_one_would_have_sent(params string[] more)
    {
        const int clients = 3, messages = 60, each = 7;
        string[] load =
            ["--clients", $"{clients}", "--messages", $"{messages}", "--size", "1-2000", "--seed", "5", .. more.Where(m => m.Length > 0)];
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        // Sessions are kept by the server's name, and an address is none.
        string name = FormattableString.Invariant($"localhost:{server.EndPoint.Port}");
        JsonElement kept = await RunAsync(Exit.Success, name, [.. load.Where(o => o != "--full-handshakes")]);
        JsonElement run = await RunAsync(Exit.Success, name, [.. load, "--messages-per-connection", $"{each}"]);
        Assert.Equal(messages, run.GetProperty("roundTrips").GetInt64());
        Assert.Equal(kept.GetProperty("bytesSent").GetInt64(), run.GetProperty("bytesSent").GetInt64());
        // Twenty messages of each client take three connections.
        const int opened = clients * 3;
        Assert.Equal(opened, run.GetProperty("connections").GetProperty("opened").GetInt64());
        Assert.Equal(0, run.GetProperty("connections").GetProperty("lost").GetInt64());
        JsonElement churn = run.GetProperty("churn");
        Assert.Equal(opened - clients, churn.GetProperty("opened").GetInt64());
        Assert.Equal(opened - clients, churn.GetProperty("handshakeLatency").GetProperty("count").GetInt64());
        Assert.Equal("Tls13", run.GetProperty("tls").GetProperty("protocol").GetString());
        bool isFull = more.Contains("--full-handshakes");
        long resumed = churn.GetProperty("resumed").GetInt64();
        Assert.True(isFull ? resumed == 0 : resumed > 0, $"{resumed} resumed");
        Assert.Equal(isFull, run.GetProperty("settings").GetProperty("fullHandshakes").GetBoolean());
        Assert.Equal(each, run.GetProperty("settings").GetProperty("messagesPerConnection").GetInt64());
        Assert.Equal(JsonValueKind.Null, kept.GetProperty("churn").ValueKind);
        ProgramResult report = await server.StopAsync();
        report.WithOutput($"Connections: {opened + clients} accepted").WithOutput("0 failed");
    }

    [Fact]
    public async Task Messages_that_are_due_while_a_connection_is_replaced_wait_and_are_late()
    {
        const int rate = 100;
        await using TestServer server = SlowToConnect(TimeSpan.FromMilliseconds(250));
        JsonElement run = await RunAsync(
            Exit.Success, server.Address, "--clients", "1", "--rate", $"{rate}", "--duration", "2s", "--messages-per-connection", "5");
        Assert.Equal(2 * rate, run.GetProperty("roundTrips").GetInt64() + Rate(run, "unsent"));
        Assert.Equal(2 * rate, run.GetProperty("correctedLatency").GetProperty("count").GetInt64());
        Assert.True(Rate(run, "unsent") > rate);
        JsonElement rates = run.GetProperty("rate");
        JsonElement late = rates.GetProperty("lateBecause"), unsent = rates.GetProperty("unsentBecause");
        Assert.True(late.GetProperty("noRoom").GetInt64() > late.GetProperty("client").GetInt64(), $"{late}");
        Assert.Equal(0, unsent.GetProperty("noConnection").GetInt64());
        Assert.True(run.GetProperty("correctedLatency").GetProperty("maxNs").GetInt64() > 1_000_000_000);
    }

    [Fact]
    public async Task Handshakes_at_a_rate_count_from_their_time_and_say_what_was_not_kept()
    {
        await using TestServer server = SlowToConnect(TimeSpan.FromMilliseconds(200));
        ProgramResult client = await LoadRun.RunAsync(
            ["handshake", "--server", server.Address, .. certificates.ClientOptions, "--clients", "2", "--rate", "50", "--duration", "1s",
                "--sessions", "full", "--fail-if", "corrected-p99<100ms", "--fail-if", "late>90%", "--json"]);
        client.EndedWith(Exit.Success).WithError("PASS: --fail-if corrected-p99<100ms").WithError("PASS: --fail-if late>90%: it was ");
        JsonElement run = Parse(Assert.Single(client.Output)), full = run.GetProperty("full");
        Assert.Equal(50, run.GetProperty("rate").GetDouble());
        long done = full.GetProperty("handshakes").GetInt64(), unsent = Rate(full, "unsent");
        Assert.Equal(50, done + unsent);
        Assert.InRange(done, 1, 14);
        Assert.Equal(50, full.GetProperty("correctedLatency").GetProperty("count").GetInt64());
        Assert.Equal(done, full.GetProperty("totalLatency").GetProperty("count").GetInt64());
        JsonElement causes = full.GetProperty("rate").GetProperty("unsentBecause");
        // Where the processors are full, this client stood still for longer than it had no place.
        Assert.Equal(unsent, causes.GetProperty("noRoom").GetInt64() + causes.GetProperty("client").GetInt64());
    }

    private TestServer SlowToConnect(TimeSpan time) => new(async socket =>
    {
        await Task.Delay(time);
        await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: false));
        await stream.AuthenticateAsServerAsync(certificates.AsServer());
        await TestServer.EchoAsync(stream);
    });

    private async Task<JsonElement> RunAsync(int exit, string server, params string[] more)
    {
        ProgramResult client = await LoadRun.RunAsync(server, certificates, [.. more, "--json", "--quiet"]);
        client.EndedWith(exit);
        return Parse(Assert.Single(client.Output));
    }

    private static JsonElement Parse(string json)
    {
        Schema.AssertValid(json);
        return JsonDocument.Parse(json).RootElement;
    }

    private static long Rate(JsonElement of, string name) => of.GetProperty("rate").GetProperty(name).GetInt64();
}
