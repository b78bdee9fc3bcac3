using System.Runtime.InteropServices;
using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Runs that are repeated, told of while they go on, and compared.</summary>
public sealed class ComparisonTests(Certificates certificates) : IDisposable
{
    private static readonly JsonSchema Schema = JsonSchema.Read(Programs.InRepository("docs/result.schema.json"));

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Runs_are_repeated_and_compared()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] load = ["--clients", "2", "--messages", "40", "--repeat", "4", "--quiet"];
        ProgramResult first = await LoadRun.RunAsync(
            server.Address, certificates, [.. load, "--json", "--fail-if", "p99>30s", "--report", _folder["series.html"]]);
        first.EndedWith(Exit.Success).WithError("PASS: --fail-if p99>30s: it was ", "(median of 4 runs)");
        JsonElement series = Read(Assert.Single(first.Output));
        JsonElement[] runs = [.. series.GetProperty("runs").EnumerateArray()];
        Assert.Equal((4, 4), (runs.Length, series.GetProperty("complete").GetInt32()));
        Assert.Equal(4, runs.Select(r => r.GetProperty("id").GetString()).Distinct().Count());
        Assert.Equal(4, runs.Select(r => r.GetProperty("settings").GetProperty("seed").GetInt64()).Distinct().Count());
        Assert.Contains("Latency by percentile", await File.ReadAllTextAsync(_folder["series.html"]), StringComparison.Ordinal);

        string lines = _folder["lines.jsonl"], old = _folder.Write("old.json", first.Output[0]);
        ProgramResult second = await LoadRun.RunAsync(server.Address, certificates, [.. load, "--seed", "7", "--json-lines", lines]);
        second.EndedWith(Exit.Success).WithOutput("Runs: 4 of 4").WithOutput("rps ");
        JsonElement[] told = [.. (await File.ReadAllLinesAsync(lines)).Select(Read)];
        Assert.Equal([1, 2, 3, 4], Of(told, "settings").Select(l => l.GetProperty("run").GetInt32()));
        Assert.All(Of(told, "settings"), l => Assert.Equal(7, l.GetProperty("settings").GetProperty("seed").GetInt64()));
        Assert.Equal(160, Of(told, "interval").Sum(l => l.GetProperty("roundTrips").GetInt64()));
        Assert.Equal("result", told[^1].GetProperty("type").GetString());

        ProgramResult compared = await LoadRun.RunAsync(
            "compare", old, lines, "--json", "--report", _folder["page.html"], "--fail-if", "errors>+0", "--fail-if", "p99>+100000%");
        compared.EndedWith(Exit.Success).WithError("PASS: --fail-if errors>+0: it was 0.");
        compared.WithError("PASS: --fail-if p99>+100000%: it was ");
        JsonElement change = Read(Assert.Single(compared.Output)).GetProperty("changes")[0];
        Assert.Equal("rank", change.GetProperty("test").GetString());
        Assert.StartsWith("<!DOCTYPE html>", await File.ReadAllTextAsync(_folder["page.html"]), StringComparison.Ordinal);

        ProgramResult text = await LoadRun.RunAsync("compare", old, lines, "--alpha", "0.01");
        text.EndedWith(Exit.Success).WithOutput("old: ", "4 runs").WithOutput("cannot be told").WithOutput("use --repeat 5");
        (await LoadRun.RunAsync("compare", old, old)).EndedWith(Exit.Usage).WithOneSentence("hold the same run");
        (await LoadRun.RunAsync("compare", old)).EndedWith(Exit.Usage).WithOneSentence("two files");
        (await LoadRun.RunAsync("compare", old, lines, "--fail-if", "p99>5ms")).EndedWith(Exit.Usage).WithOneSentence("'p99>5ms'");
        (await LoadRun.RunAsync("compare", old, lines, "--report", _folder["no/page.html"])).EndedWith(11)
            .WithError("The report cannot be written").WithOutput("rps ");
        await server.StopAsync();
    }

    [Fact]
    public async Task A_run_is_told_of_while_it_goes_on()
    {
        Requires.Linux("/dev/full");
        await using RunningHttpServer server = await RunningHttpServer.StartAsync("--tls", "none");
        string[] run = ["run", $"{server.Http}echo", "--clients", "2", "--size", "10"];
        string[] steps = ["--rate", "100", "--duration", "700ms", "--interval", "300ms"];
        await using var client = new ProgramProcess(Programs.Client, [.. run, .. steps, "--json-lines", "-"]);
        await client.WaitForLineAsync("\"type\":\"interval\"");
        Assert.False(client.HasExited);
        ProgramResult result = (await client.ExitAsync()).EndedWith(Exit.Success).WithError("Trips/s");
        JsonElement[] told = [.. result.Output.Select(Read)];
        Assert.Equal(["settings", "interval", "result"], told.Select(l => l.GetProperty("type").GetString()).Distinct());
        Assert.InRange(told.Length, 4, 5);
        JsonElement whole = told[^1].GetProperty("result");
        Assert.Equal(whole.GetProperty("roundTrips").GetInt64(), Of(told, "interval").Sum(l => l.GetProperty("roundTrips").GetInt64()));
        Assert.All(Of(told, "interval"), l => Assert.Equal(2, l.GetProperty("connections").GetInt64()));
        IEnumerable<JsonElement> latencies = Of(told, "interval").Select(l => l.GetProperty("correctedLatency"));
        JsonElement latency = latencies.First(l => l.ValueKind != JsonValueKind.Null);
        Assert.True(latency.GetProperty("p999Ns").GetInt64() > 0);

        // A disk that is full costs the file and nothing else.
        string[] few = [.. run, "--messages", "20", "--quiet"];
        (await LoadRun.RunAsync([.. few, "--json-lines", "/dev/full"])).EndedWith(11)
            .WithOneSentence("The file of --json-lines cannot be written").WithOutput("Round trips: 20 ");
        (await LoadRun.RunAsync([.. few, "--json-lines", _folder["no/lines"]])).EndedWith(11).WithOneSentence("--json-lines");
        (await LoadRun.RunAsync([.. few, "--json-lines", "-", "--json"])).EndedWith(Exit.Usage)
            .WithOneSentence("--json and --json-lines -");
        (await LoadRun.RunAsync([.. few, "--repeat", "0"])).EndedWith(Exit.Usage).WithOneSentence("--repeat takes a whole number");
        (await LoadRun.RunAsync([.. few, "--repeat", "2", "--hdr-log", _folder["hdr"]])).EndedWith(Exit.Usage)
            .WithOneSentence("--hdr-log and --repeat");
    }

    [Fact]
    public async Task A_series_that_is_interrupted_gives_what_there_is()
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string file = _folder["lines.jsonl"];
        string[] series = ["--clients", "2", "--duration", "500ms", "--repeat", "50", "--fail-if", "p99>1m", "--json-lines", file];
        await using ProgramProcess client = LoadRun.Start(server.Address, certificates, series);
        await client.WaitForLineAsync("Run 2 of 50: ");
        client.Signal(PosixSignal.SIGTERM);
        ProgramResult result = (await client.ExitAsync()).EndedWith(Exit.Interrupted);
        result.WithOutput("Runs: ", " of 50 (interrupted)");
        result.WithError("--fail-if p99>1m: it cannot be decided, because the runs were interrupted");
        JsonElement last = Read((await File.ReadAllLinesAsync(file))[^1]).GetProperty("result");
        Assert.True(last.GetProperty("interrupted").GetBoolean());
        Assert.InRange(last.GetProperty("complete").GetInt32(), 2, 49);
        await server.StopAsync();
    }

    private static IEnumerable<JsonElement> Of(IEnumerable<JsonElement> lines, string type) =>
        lines.Where(l => l.GetProperty("type").GetString() == type);

    private static JsonElement Read(string text)
    {
        Schema.AssertValid(text);
        return JsonDocument.Parse(text).RootElement;
    }
}
