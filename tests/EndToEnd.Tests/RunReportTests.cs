using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The HTML page of a run; how it looks is in Reports.Tests.</summary>
public sealed partial class RunReportTests(Certificates certificates) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--messages", "2000")]
    [InlineData("--rate", "2000", "--duration", "1s")]
    public async Task The_page_and_the_json_of_a_run_agree(params string[] load)
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string file = _folder["run.html"];
        ProgramResult run = await LoadRun.RunAsync(server.Address, certificates, ["--clients", "4", "--json", "--report", file, .. load]);

        Assert.Equal(0, run.ExitCode);
        JsonNode json = JsonNode.Parse(string.Join('\n', run.Output))!;
        JsonNode page = JsonNode.Parse(Data().Match(await File.ReadAllTextAsync(file)).Groups[1].Value)!;
        JsonNode felt = json["correctedLatency"] ?? json["serviceLatency"]!;
        foreach (JsonNode? percentile in felt["percentiles"]!.AsArray())
        {
            double percent = percentile!["percent"]!.GetValue<double>();
            Assert.Equal(percentile["ns"]!.GetValue<long>() / 1e9, Values(page, 0, FormattableString.Invariant($"p{percent}"))[0], 1e-12);
        }

        Assert.Equal(json["roundTrips"]!.GetValue<long>(), Values(page, 1, "round trips")[0]);
        Assert.Equal(json["bytesSent"]!.GetValue<long>(), Values(page, 1, "sent")[0]);
        Assert.Equal(
            json["series"]!.AsArray().Select(s => s!["roundTripsPerSecond"]!.GetValue<double>()),
            page["charts"]![0]!["series"]![0]!["y"]!.AsArray().Select(y => y!.GetValue<double>()));
    }

    [Fact]
    public async Task The_pages_of_handshakes_and_of_a_search_agree_with_their_json()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] to = ["--server", server.Address, .. certificates.ClientOptions, "--json"];
        string file = _folder["handshake.html"];
        ProgramResult run = await LoadRun.RunAsync(["handshake", .. to, "--count", "20", "--clients", "2", "--report", file]);
        JsonNode json = JsonNode.Parse(run.EndedWith(Exit.Success).Output[0])!;
        JsonNode page = JsonNode.Parse(Data().Match(await File.ReadAllTextAsync(file)).Groups[1].Value)!;
        JsonNode[] phases = [json["full"]!, json["resumed"]!];
        Assert.Equal(phases.Select(p => p["handshakes"]!.GetValue<double>()), Values(page, 2, "handshakes"));
        Assert.Equal(phases.Select(p => p["reallyResumed"]!.GetValue<double>()), Values(page, 2, "really resumed"));
        Assert.Equal(json["full"]!["totalLatency"]!["maxNs"]!.GetValue<long>() / 1e9, Values(page, 1, "max")[0]);

        file = _folder["max.html"];
        string[] search = ["--p99", "20s", "--from", "50", "--to", "100", "--confirm", "1", "--duration", "100ms", "--warmup", "off"];
        run = await LoadRun.RunAsync(["max", .. to, .. search, "--report", file]);
        json = JsonNode.Parse(run.EndedWith(Exit.Success).Output[0])!;
        page = JsonNode.Parse(Data().Match(await File.ReadAllTextAsync(file)).Groups[1].Value)!;
        Assert.Equal(json["steps"]!.AsArray().Count, page["tables"]![0]!["rows"]!.AsArray().Count);
        JsonNode first = page["tables"]![0]!["rows"]![0]!["values"]!;
        Assert.Equal(json["steps"]![0]!["achieved"]!.GetValue<double>(), first[0]!.GetValue<double>());
        Assert.Contains("Highest rate on", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_is_refused_before_the_run()
    {
        ProgramResult run = await LoadRun.RunAsync("127.0.0.1:1", certificates, "--report", _folder["no/such/run.html"]);
        Assert.Equal(11, run.ExitCode);
        Assert.Contains("The report cannot be written: ", Assert.Single(run.Errors), StringComparison.Ordinal);
    }

    [GeneratedRegex("""id="data">(.*?)</script>""", RegexOptions.Singleline)]
    private static partial Regex Data();

    private static double[] Values(JsonNode page, int table, string row) =>
    [
        .. page["tables"]![table]!["rows"]!.AsArray()
            .Single(r => r!["name"]!.GetValue<string>() == row)!["values"]!.AsArray().Select(v => v?.GetValue<double>() ?? double.NaN),
    ];
}
