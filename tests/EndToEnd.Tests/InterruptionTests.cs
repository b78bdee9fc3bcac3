using System.Runtime.InteropServices;
using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>What was interrupted is no success, says so, and has passed no condition. Nor has a measurement without data.</summary>
public sealed class InterruptionTests(Certificates certificates) : IDisposable
{
    private static readonly JsonSchema Results = JsonSchema.Read(Programs.InRepository("docs/result.schema.json"));
    private static readonly JsonSchema Probes = JsonSchema.Read(Programs.InRepository("docs/probe.schema.json"));

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(PosixSignal.SIGINT, "--warmup", "60s")]
    [InlineData(PosixSignal.SIGTERM, "--ramp", "60s", "--rate", "500")]
    [InlineData(PosixSignal.SIGTERM, "--wait")]
    public async Task A_run_that_is_cut_short_before_it_measures_has_no_values(PosixSignal signal, params string[] options)
    {
        if (signal == PosixSignal.SIGINT) Requires.CtrlC();
        else Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] load = ["--clients", "2", "--json", "--report", _folder["run.html"], "--fail-if", "p99>5ms", "--fail-if", "errors>0"];
        await using ProgramProcess client = LoadRun.Start(server.Address, certificates, [.. load, .. options]);
        await client.WaitForLineAsync("2 clients connected.");
        if (options is not ["--wait"]) await server.Process.WaitForLineAsync("2 clients connected");
        client.Signal(signal);
        ProgramResult result = (await client.ExitAsync()).EndedWith(Exit.Interrupted);

        result.WithError("--fail-if p99>5ms: it cannot be decided, because the run was interrupted.");
        result.WithError("--fail-if errors>0: it cannot be decided, because the run was interrupted; it was 0 so far.");
        JsonElement json = Read(result, Results);
        Assert.True(json.GetProperty("interrupted").GetBoolean());
        foreach (string count in (string[])["seconds", "roundTrips", "bytesSent", "bytesReceived"])
            Assert.Equal(0, json.GetProperty(count).GetDouble());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("roundTripsPerSecond").ValueKind);
        JsonElement latency = json.GetProperty("serviceLatency");
        Assert.Equal(JsonValueKind.Null, latency.GetProperty("maxNs").ValueKind);
        Assert.All(
            latency.GetProperty("percentiles").EnumerateArray(), p => Assert.Equal(JsonValueKind.Null, p.GetProperty("ns").ValueKind));
        Assert.All(
            json.GetProperty("conditions").EnumerateArray(), c => Assert.Equal(JsonValueKind.Null, c.GetProperty("met").ValueKind));
        string page = await File.ReadAllTextAsync(_folder["run.html"]);
        Assert.Contains("(interrupted)", page, StringComparison.Ordinal);
        Assert.Contains("Not decided", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_cut_short_while_it_measures_passes_no_condition()
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess client = LoadRun.Start(
            server.Address, certificates, "--clients", "2", "--duration", "60s", "--fail-if", "p99>1m", "--fail-if", "rps>0");
        await client.WaitForLineAsync(LoadRun.UnderWay);
        client.Signal(PosixSignal.SIGTERM);
        ProgramResult result = (await client.ExitAsync()).EndedWith(Exit.Interrupted).WithOutput("(interrupted)");
        result.WithError("--fail-if p99>1m: it cannot be decided, because the run was interrupted; it was ", "so far.");
        result.WithError("--fail-if rps>0: it was ");
    }

    [Fact]
    public async Task A_condition_on_a_measurement_without_data_fails()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        // The only message is of the warm-up.
        ProgramResult result = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "1", "--rate", "0.1", "--warmup", "100ms", "--duration", "200ms",
            "--fail-if", "p99>5ms", "--fail-if", "service-max>5ms");
        result.EndedWith(Exit.ConditionMet).WithOutput("Round trips per second: 0");
        result.WithError("--fail-if p99>5ms: it cannot be decided, because nothing was measured.").WithError("--fail-if service-max>5ms:");
        Assert.DoesNotContain(result.Output, l => l.Contains("latency", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("late>0")]
    [InlineData("corrected-p99>5ms")]
    [InlineData("resumed-p99>5ms")]
    public async Task A_condition_on_what_a_run_does_not_measure_is_refused_before_it(string condition) =>
        (await LoadRun.RunAsync(["--duration", "5m", .. certificates.ClientOptions, "--fail-if", condition]))
            .EndedWith(Exit.Usage).WithOneSentence($"--fail-if {condition}: this run has no '");

    [Fact]
    public async Task Handshakes_that_are_cut_short_pass_no_condition()
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using var client = new ProgramProcess(
            Programs.Client,
            ["handshake", "--server", server.Address, .. certificates.ClientOptions, "--duration", "60s", "--fail-if", "resumed-p99>1m"]);
        await client.WaitForLineAsync(" full handshakes, ");
        client.Signal(PosixSignal.SIGTERM);
        ProgramResult result = (await client.ExitAsync()).EndedWith(Exit.Interrupted);
        result.WithOutput("(interrupted)").WithOutput("Resumed handshakes: none was measured");
        result.WithError("--fail-if resumed-p99>1m: it cannot be decided, because the run was interrupted.");
    }

    [Fact]
    public async Task A_search_that_is_cut_short_before_its_first_answer_has_none()
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] words = ["max", "--p99", "5ms", "--duration", "60s", "--server", server.Address, .. certificates.ClientOptions];
        await using var client = new ProgramProcess(Programs.Client, words);
        await server.Process.WaitForLineAsync("64 clients connected");
        client.Signal(PosixSignal.SIGTERM);
        (await client.ExitAsync()).EndedWith(Exit.Interrupted).WithOutput("Interrupted before any rate was found to hold p99 <= 5.00 ms.");
    }

    [Theory]
    [InlineData("get")]
    [InlineData("probe")]
    [InlineData("handshake")]
    [InlineData("run")]
    public async Task One_connection_that_is_cut_short_says_what_it_has_seen(string command)
    {
        Requires.Signals();
        // It accepts, and says nothing.
        var accepted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new TestServer(async socket =>
        {
            byte[] hello = new byte[1];
            await socket.ReceiveAsync(hello);
            accepted.TrySetResult();
            await TestServer.DiscardAsync(socket);
        });
        string[] target = command switch
        {
            "get" => [$"https://{server.Address}/"],
            "probe" => ["--server", server.Address, "--json"],
            _ => ["--server", server.Address, "--clients", "1", "--fail-if", "errors>0"],
        };
        await using var client = new ProgramProcess(
            Programs.Client, [command, .. target, .. certificates.ClientOptions, "--handshake-timeout", "5m"]);
        await accepted.Task.WithinLimit();
        client.Signal(PosixSignal.SIGTERM);
        ProgramResult result = (await client.ExitAsync()).EndedWith(Exit.Interrupted);
        if (command != "probe")
        {
            result.WithOneSentence("interrupted");
            return;
        }

        JsonElement json = Read(result, Probes);
        Assert.True(json.GetProperty("interrupted").GetBoolean());
        Assert.Equal("interrupted", json.GetProperty("outcome").GetString());
        Assert.Equal("connected", json.GetProperty("addresses")[0].GetProperty("result").GetString());
    }

    [Theory]
    [InlineData("watch", "off", Exit.Success)]
    [InlineData("watch", "5m", Exit.Interrupted)]
    [InlineData("record", "off", Exit.Success)]
    [InlineData("record", "5m", Exit.Interrupted)]
    public async Task Watching_without_an_end_is_ended_by_a_signal_and_with_one_it_is_interrupted(string command, string time, int exitCode)
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] output = command == "record" ? ["--output", _folder["a.jsonl"]] : [];
        await using var tool = new ProgramProcess(
            Programs.Diagnostics, [command, $"{server.Process.Id}", "--interval", "200ms", "--duration", time, .. output]);
        if (command == "watch") await tool.WaitForLineAsync("OS threads");
        else await TimeLimit.Until(() => HasSample(_folder["a.jsonl"]), "there is a sample");
        tool.Signal(PosixSignal.SIGTERM);
        ProgramResult result = (await tool.ExitAsync()).EndedWith(exitCode).WithOutput("Averages over ");
        Assert.Equal(exitCode == Exit.Interrupted, result.Errors.Any(l => l.Contains("interrupted before", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Certificates_are_written_whole_or_not_at_all()
    {
        Requires.Linux("flock(1), /proc");
        string directory = _folder["pki"];
        Directory.CreateDirectory(directory);
        // As long as another one has the directory, the program waits with all that it is to write.
        await using var other = new ProgramProcess("flock", ["-F", directory, "sh", "-c", "echo locked; exec sleep 60"]);
        await other.WaitForLineAsync("locked");
        await using var certs = new ProgramProcess(Programs.Certs, ["create", "--dir", directory]);
        int looks = 0;
        while (looks < 3) looks = await ProcessView.HasWorkAsync(certs.Id) ? 0 : looks + 1;
        certs.Signal(PosixSignal.SIGTERM);
        (await certs.ExitAsync()).EndedWith(Exit.Interrupted).WithOneSentence("interrupted");
        Assert.Empty(Directory.GetFileSystemEntries(directory));
    }

    private static JsonElement Read(ProgramResult result, JsonSchema schema)
    {
        string text = string.Join('\n', result.Output);
        schema.AssertValid(text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static bool HasSample(string file) =>
        File.Exists(file) && File.ReadAllText(file).Contains("\"sample\"", StringComparison.Ordinal);
}
