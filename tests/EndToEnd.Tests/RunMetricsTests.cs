using System.Net;
using System.Net.Sockets;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The metrics of a run go to the collector that the environment names (OTLP), and no collector holds up a result.</summary>
public sealed class RunMetricsTests(Certificates certificates)
{
    private const string Refused = "does not take the metrics (OTLP)";

    [Fact]
    public async Task Metrics_of_a_run_go_to_the_collector_and_results_do_not_depend_on_it()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using var collector = new OtlpCollector();
        string[] load = ["--clients", "2", "--messages", "40", "--quiet"];
        (await RunAsync(server, collector.Address, load)).EndedWith(Exit.Success).WithOutput("Round trips: 40 ");
        string sent = collector.Received;
        Assert.StartsWith("POST /v1/metrics ", sent, StringComparison.Ordinal);
        foreach (string name in new[] { "messages.sent", "messages.verified", "io.sent", "connections.open", "errors", "latency" })
            Assert.Contains($"rawecho.client.{name}", sent, StringComparison.Ordinal);
        Assert.Contains("rawecho-client", sent, StringComparison.Ordinal);

        // One that says nothing, and a port on which nobody listens. Said once, however many runs there are.
        await using var silent = new TestServer(TestServer.DiscardAsync);
        ProgramResult held = await RunAsync(server, silent.Address, [.. load, "--repeat", "2"]);
        held.EndedWith(Exit.Success).WithOneSentence(Refused).WithOutput("Runs: 2 of 2");
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        ProgramResult refused = await RunAsync(server, $"{closed.LocalEndPoint}", load);
        refused.EndedWith(Exit.Success).WithOneSentence(Refused).WithOutput("Round trips: 40 ");
        (await RunAsync(server, "", load)).EndedWith(Exit.Usage).WithOneSentence("OTEL_EXPORTER_OTLP_ENDPOINT must be a URL");
        await server.StopAsync();
    }

    [Fact]
    public async Task Nothing_of_it_is_loaded_where_no_collector_is_named()
    {
        Requires.Linux("/proc");
        Assert.SkipWhen(Programs.IsNative, "A native executable is one file: nothing is loaded later.");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess client = LoadRun.Start(server.Address, certificates, "--clients", "1", "--duration", "60s");
        await client.WaitForLineAsync(LoadRun.UnderWay);
        string maps = await File.ReadAllTextAsync($"/proc/{client.Id}/maps");
        Assert.Contains("rawecho-client.dll", maps, StringComparison.Ordinal);
        Assert.DoesNotContain("OpenTelemetry", maps, StringComparison.Ordinal);
        client.Kill();
    }

    private async Task<ProgramResult> RunAsync(RunningServer server, string collector, string[] load)
    {
        var environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{collector}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        };
        string[] to = ["--server", server.Address, .. certificates.ClientOptions];
        await using var client = new ProgramProcess(Programs.Client, [.. to, .. load], environment);
        return await client.ExitAsync();
    }
}
