using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Results for programs: JSON by its schema, conditions, merging; and the commands beside "run".</summary>
public sealed class ResultTests(Certificates certificates)
{
    private static readonly JsonSchema Schema = JsonSchema.Read(Programs.InRepository("docs/result.schema.json"));

    [Fact]
    public async Task The_json_of_a_run_is_valid_and_its_text_says_the_same()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "4", "--duration", "2500ms", "--warmup", "200ms", "--json");
        client.EndedWith(Exit.Success).WithError("Connected 127.0.0.1:");
        string json = Assert.Single(client.Output);
        Schema.AssertValid(json);

        using var folder = new TempFolder();
        ProgramResult text = await RunAsync("merge", folder.Write("run.json", json));
        text.EndedWith(Exit.Success);
        JsonElement run = JsonDocument.Parse(json).RootElement;
        (string Label, string Member)[] totals =
        [
            ("Round trips", "roundTrips"), ("Bytes sent", "bytesSent"), ("Bytes received", "bytesReceived"), ("Mismatches", "mismatches"),
        ];
        foreach ((string label, string member) in totals) Assert.Equal(run.GetProperty(member).GetInt64(), text.Number(label));
        Assert.Equal(Math.Round(run.GetProperty("roundTripsPerSecond").GetDouble()), text.Number("Round trips per second"), tolerance: 1.0);

        JsonElement[] steps = [.. run.GetProperty("series").EnumerateArray()];
        Assert.Equal(3, steps.Length);
        Assert.Equal(run.GetProperty("roundTrips").GetInt64(), steps.Sum(s => s.GetProperty("roundTrips").GetInt64()));
        Assert.Equal(2.5, steps[^1].GetProperty("at").GetDouble(), tolerance: 0.001);
        Assert.Equal(
            run.GetProperty("roundTrips").GetInt64(),
            run.GetProperty("serviceLatency").GetProperty("histogram").EnumerateArray().Sum(b => b[1].GetInt64()));
        await server.StopAsync();
    }

    [Theory]
    [InlineData("run", "64 clients")]
    [InlineData("handshake", "8 clients")]
    [InlineData("max", "64 clients", "--p99", "5ms")]
    public async Task Where_nothing_connected_the_json_is_there_and_the_count_is_no_chance(
        string command, string clients, params string[] more)
    {
        // A port of its own, on which nobody listens.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        ProgramResult closed = await RunAsync(
            [command, "--server", $"{socket.LocalEndPoint}", .. certificates.ClientOptions, .. more, "--json"]);
        closed.EndedWith(Exit.Network).WithOneSentence($"{clients}; stopped at the first failure: not connected.");
        Schema.AssertValid(Assert.Single(closed.Output));

        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult refused = await RunAsync(
            [command, "--server", server.Address, .. Certificates.Options(certificates.ForeignCa, certificates.Client), .. more]);
        refused.EndedWith(Exit.TlsRefused).WithError($"{clients}; stopped at the first refusal: server's certificate refused.");
        Assert.DoesNotContain(refused.Output, l => l.Contains("per second", StringComparison.Ordinal));
        await server.StopAsync();
    }

    [Fact]
    public async Task A_service_that_does_not_echo_is_found_out_in_seconds()
    {
        await using var server = new TestServer(TestServer.DiscardAsync);
        ProgramResult client = await RunAsync("run", "--tls", "none", "--server", server.Address, "--clients", "2", "--duration", "25s");
        client.EndedWith(Exit.ConnectionLost)
            .WithError("2 clients: connection lost. The server took the first messages", "for 5 s", "https://");
    }

    [Fact]
    public async Task The_schema_tells_a_wrong_result()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string json =
            (await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5", "--json", "--quiet")).Output[0];
        Schema.AssertValid(json);
        Assert.NotNull(Schema.Check(json.Replace("\"roundTrips\":5", "\"roundTrips\":\"5\"", StringComparison.Ordinal)));
        Assert.NotNull(Schema.Check(json.Replace("\"seconds\":", "\"minutes\":", StringComparison.Ordinal)));
        Assert.NotNull(Schema.Check(json.Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal)));
        await server.StopAsync();
    }

    [Fact]
    public async Task Conditions_have_an_exit_code_of_their_own()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] load = ["--clients", "2", "--messages", "20", "--quiet"];
        ProgramResult bad = await LoadRun.RunAsync(
            server.Address, certificates, [.. load, "--fail-if", "p50>1ns", "--fail-if", "errors>0"]);
        bad.EndedWith(Exit.ConditionMet);
        Assert.Equal(2, bad.Errors.Count);
        bad.WithError("rawecho-client: FAIL: --fail-if p50>1ns: it was ").WithError("rawecho-client: PASS: --fail-if errors>0: it was 0.");
        Assert.Equal(20, bad.Number("Round trips"));
        string[] kept = ["--fail-if", "p99>30s", "--fail-if", "rps<0.001", "--fail-if", "errors>0"];
        (await LoadRun.RunAsync(server.Address, certificates, [.. load, .. kept])).EndedWith(Exit.Success);
        (await LoadRun.RunAsync(server.Address, certificates, "--fail-if", "p99>5"))
            .EndedWith(Exit.Usage).WithOneSentence("--fail-if takes", "'p99>5'");
        await server.StopAsync();
    }

    [Fact]
    public async Task Results_of_several_machines_are_merged()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        using var folder = new TempFolder();
        string[] load = ["--clients", "2", "--messages", "30", "--quiet"], files = [folder["0.json"], folder["1.jsonl"]];
        ProgramResult run = await LoadRun.RunAsync(server.Address, certificates, [.. load, "--json"]);
        await File.WriteAllTextAsync(files[0], run.Output[0]);
        (await LoadRun.RunAsync(server.Address, certificates, [.. load, "--json-lines", files[1]])).EndedWith(Exit.Success);
        ProgramResult merged = await RunAsync(["merge", .. files, "--json"]);
        merged.EndedWith(Exit.Success).WithError("WARNING", "not made at the same time");
        Schema.AssertValid(merged.Output[0]);
        Assert.Equal(60, JsonDocument.Parse(merged.Output[0]).RootElement.GetProperty("roundTrips").GetInt64());
        (await RunAsync("merge", files[0], folder["none.json"])).EndedWith(Exit.Usage).WithOneSentence("none.json is missing");
        string both = folder.Write("both.json", await File.ReadAllTextAsync(files[0]) + await File.ReadAllTextAsync(files[1]));
        (await RunAsync("merge", both)).EndedWith(Exit.Usage).WithOneSentence("both.json holds several results");
        string unfinished = folder.Write("2.jsonl", (await File.ReadAllLinesAsync(files[1]))[0]);
        (await RunAsync("merge", files[0], unfinished)).EndedWith(Exit.Usage).WithOneSentence("2.jsonl holds no result");
        await server.StopAsync();
    }

    [Fact]
    public async Task Full_and_resumed_handshakes_are_told_apart()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        // One at a time: of several at once, some find that another has just taken the session that they would have resumed.
        ProgramResult client = await RunAsync(
            [
                "handshake", "--server", server.Address, "--server-name", "localhost",
                .. certificates.ClientOptions, "--count", "15", "--clients", "1", "--json",
            ]);
        client.EndedWith(Exit.Success);
        Schema.AssertValid(Assert.Single(client.Output));
        JsonElement result = JsonDocument.Parse(client.Output[0]).RootElement;
        Assert.Equal(15, result.GetProperty("full").GetProperty("handshakes").GetInt64());
        Assert.Equal(0, result.GetProperty("full").GetProperty("reallyResumed").GetInt64());
        Assert.Equal(15, result.GetProperty("resumed").GetProperty("handshakes").GetInt64());
        Assert.Equal(15, result.GetProperty("resumed").GetProperty("reallyResumed").GetInt64());
        // One more than are counted: it brings the session that the others resume.
        (await server.StopAsync()).WithOutput("Handshakes: 31 done, 0 failed").WithOutput("Endings: PeerClosed 31");
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls12, false)]
    [InlineData(SslProtocols.Tls13, true)]
    [InlineData(SslProtocols.Tls13, false)]
    public async Task Whether_a_server_really_resumes_is_found_out(SslProtocols protocol, bool resumes)
    {
        SslServerAuthenticationOptions options = certificates.AsServer(protocol);
        options.AllowTlsResume = resumes;
        await using var server = TestServer.WithTls(options, (stream, _) => TestServer.EchoAsync(stream));
        ProgramResult client = await RunAsync(
            [
                "handshake", "--server", server.Address,
                "--server-name", "localhost", .. certificates.ClientOptions, "--count", "4", "--clients", "1", "--sessions", "resumed",
            ]);
        client.EndedWith(Exit.Success).WithOutput($"Really resumed: {(resumes ? 4 : 0)} of 4").WithOutput($"Negotiated: {protocol}");
        Assert.Equal(resumes ? 0 : 1, client.Count("No session was resumed"));
    }

    [Fact]
    public async Task A_handshake_that_is_refused_says_why()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await RunAsync([
            "handshake", "--server", server.Address, .. Certificates.Options(certificates.ForeignCa, certificates.Client), "--count", "4",
        ]);
        client.EndedWith(Exit.TlsRefused).WithError("server's certificate refused", "not from a trusted CA");
        client = await RunAsync(["handshake", "--server", server.Address, "--ca", certificates.Ca, "--tls", "server", "--count", "4"]);
        client.EndedWith(Exit.TlsRefused).WithError("probably", "requires a client certificate");
        await server.StopAsync();
    }

    [Fact]
    public async Task Max_finds_a_rate_that_holds_and_says_when_none_does()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] usual =
            ["max", "--server", server.Address, .. certificates.ClientOptions, "--clients", "4", "--duration", "300ms", "--warmup", "off"];
        ProgramResult found = await RunAsync([.. usual, "--p50", "20s", "--from", "50", "--to", "100", "--confirm", "2"]);
        // Which rate that is depends on the machine; RateSearchTests know what is to be found.
        found.EndedWith(Exit.Success)
            .WithOutput("Highest rate with p50 <= 20.00 s: ", " per second").WithOutput("held in 2 of 2 runs of 0.3 s");
        ProgramResult none = await RunAsync([.. usual, "--p50", "100ns", "--from", "4", "--json"]);
        none.EndedWith(Exit.ConditionMet);
        Schema.AssertValid(Assert.Single(none.Output));
        (await RunAsync(usual)).EndedWith(Exit.Usage).WithOneSentence("--p99 5ms");
        await server.StopAsync();
    }

    [Theory]
    [InlineData("xterm", "", "\u001b[K", null)]
    [InlineData("dumb", "", " round trips, ", "\u001b[")]
    [InlineData("xterm", "1", "\u001b[K", "\u001b[31m")]
    public async Task Progress_is_live_on_a_terminal_that_can(string term, string noColor, string has, string? hasNot)
    {
        Requires.Linux("script(1) of util-linux makes a terminal");
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "There is no script(1) on this machine.");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        using var folder = new TempFolder();
        string command = $"{Programs.Client} --server {server.Address} --ca {certificates.Ca} --cert {certificates.Client.Certificate}"
            + $" --key {certificates.Client.Key} --clients 1 --duration 3500ms > /dev/null";
        await using var client = new ProgramProcess(
            "/usr/bin/script", ["-qefc", command, folder["typescript"]],
            new Dictionary<string, string> { ["TERM"] = term, ["NO_COLOR"] = noColor });
        (await client.ExitAsync()).EndedWith(Exit.Success);
        string typescript = await File.ReadAllTextAsync(folder["typescript"]);
        Assert.Contains(has, typescript[typescript.IndexOf('\n', StringComparison.Ordinal)..], StringComparison.Ordinal);
        if (hasNot is not null)
            Assert.DoesNotContain(hasNot, typescript[typescript.IndexOf('\n', StringComparison.Ordinal)..], StringComparison.Ordinal);
        await server.StopAsync();
    }

    private static async Task<ProgramResult> RunAsync(params string[] arguments) => await LoadRun.RunAsync(arguments);
}
