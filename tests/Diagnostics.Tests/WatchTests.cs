using System.Globalization;
using System.Net.Security;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Diagnostics.Tests;

/// <summary>watch, record and ps as a user runs them, on RawEcho's programs and on others'.</summary>
public sealed class WatchTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Server_and_client_stand_side_by_side_although_the_sessions_were_there_before()
    {
        await CreateCertificatesAsync();
        await using ProgramProcess server = new(Programs.Server, ["--listen", "127.0.0.1:0", .. Own("server")]);
        string address = (await server.WaitForLineAsync("Listening on "))["Listening on ".Length..];
        await using ProgramProcess client = new(
            Programs.Client, ["--server", address, "--clients", "5", "--duration", "120s", .. Own("client")]);
        await client.WaitForLineAsync(" round trips, ");
        // One that is refused, before anybody watches.
        string[] withoutCertificate = ["--clients", "1", "--duration", "1s", "--tls", "server", "--ca", _folder["ca.pem"]];
        await using (ProgramProcess refused = new(Programs.Client, ["--server", address, .. withoutCertificate])) await refused.ExitAsync();

        ProgramResult result = (await Tool.RunAsync("watch", "--once", Text(server.Id), Text(client.Id))).EndedWith(0);
        Assert.Equal(["RawEcho server", "RawEcho client"], result.Row("description"));
        // A native process does not tell.
        string mode = Programs.IsNative ? "-" : "workstation, non-concurrent";
        Assert.Equal([mode, mode], result.Row("GC mode"));
        Assert.Equal(["5", "5", "1.00"], result.Row("open sessions"));
        Assert.Equal(["5", "5", "1.00"], result.Row("connections"));
        Assert.Equal(["5", "5", "1.00"], result.Row("TCP established"));
        Assert.Equal("1", result.Row("handshakes failed since start")[0]);
        Assert.Equal(["1", "-", "-"], result.Row("failed: PeerCertificateRefused"));
        // A server cannot know a latency: absent, and not zero.
        Assert.Equal("-", result.Row("latency p50")[0]);
        Assert.NotEqual("-", result.Row("latency p50")[1]);
        string[] roundTrips = result.Row("round trips");
        Assert.All(roundTrips.Take(2), r => Assert.NotEqual("0 /s", r));
        Assert.InRange(double.Parse(roundTrips[2], CultureInfo.InvariantCulture), 0.3, 3);
        Assert.True(result.HasRow("CPU per round trip"));
        Assert.NotEqual("0.0 us", result.Row("CPU per round trip")[0]);
    }

    [Fact]
    public async Task A_web_service_of_anybody_has_all_rows_but_those_of_echo()
    {
        (ProgramProcess process, Uri address) = await Target.StartWebAsync();
        await using ProgramProcess web = process;
        var tls = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Subject == "CN=localhost",
        };
        using var handler = new SocketsHttpHandler { SslOptions = tls };
        using var http = new HttpClient(handler);
        using var enough = new CancellationTokenSource();
        Task load = LoadAsync(http, address, enough.Token);
        string file = _folder["web.jsonl"];
        (await Tool.RunAsync("record", "-o", file, Text(web.Id), "--duration", "6s", "--interval", "500ms", "--quiet")).EndedWith(0);
        await enough.CancelAsync();
        await load;

        RecordingData recording = RecordingReader.Read(file);
        ProcessDescription description = Assert.Single(recording.Processes);
        Assert.Equal("diagnosed-web", description.Name);
        Assert.Null(description.Role);
        Assert.Equal("server, concurrent", description.GcMode);
        Assert.StartsWith(".NET 10.", description.Runtime, StringComparison.Ordinal);
        HashSet<string> seen = [.. recording.Samples.SelectMany(s => s.Values.Keys)];
        string[] ofRawEchoAlone = [MetricGroup.Echo, MetricGroup.Efficiency];
        // Nobody refuses a handshake here, and with a server GC of a few requests nothing was ever collected.
        IEnumerable<Metric> collected = MetricCatalog.All
            .Where(m => m.Name.StartsWith("memory.gc.", StringComparison.Ordinal) && m != MetricCatalog.GcHeap);
        HashSet<string> perhaps = [MetricCatalog.FailuresByReason.Name, .. collected.Select(m => m.Name), MetricCatalog.Native.Name];
        // How many there were before the tool came, nobody knows.
        Metric[] unknown = [MetricCatalog.TlsSessions, MetricCatalog.HandshakesActive, MetricCatalog.HandshakesFailed];
        // It is asked for nothing by name, asks no DNS, and upgrades and rejects nothing.
        string[] perhapsGroups = [MetricGroup.Dns, MetricGroup.Meters, MetricGroup.Counters];
        Metric[] rare = [MetricCatalog.KestrelRejected, MetricCatalog.KestrelUpgraded, MetricCatalog.KestrelRequestsQueued];
        perhaps.UnionWith(rare.Concat(MetricCatalog.All.Where(m => perhapsGroups.Contains(m.Group))).Select(m => m.Name));
        foreach (Metric metric in MetricCatalog.All.Where(m => !perhaps.Contains(m.Name)))
        {
            bool isAbsent = ofRawEchoAlone.Contains(metric.Group) || unknown.Contains(metric);
            Assert.True(seen.Any(n => MetricCatalog.Find(n) == metric) != isAbsent, metric.Name);
        }

        Assert.True(recording.Series(web.Id, MetricCatalog.Sent.Name).Max(v => v.Value) > 10_000);
        Assert.True(recording.Series(web.Id, MetricCatalog.Handshakes.Name).Max(v => v.Value) > 0);
    }

    [Fact]
    public async Task Without_a_name_it_waits_for_the_first_program_of_RawEcho()
    {
        // In a temporary folder of its own this tool sees nobody else's.
        await using ProgramProcess tool = Tool.StartIn(_folder.Path, "watch", "--interval", "250ms", "--group", "echo");
        await tool.WaitForLineAsync("Waiting for a RawEcho process");
        await using ProgramProcess server = new(
            Programs.Server, ["--listen", "127.0.0.1:0", "--tls", "none"], new Dictionary<string, string> { ["TMPDIR"] = _folder.Path });
        await tool.WaitForLineAsync("rawecho-server");
        await tool.WaitForLineAsync("pooled args in use");
        Assert.DoesNotContain(tool.Lines, l => l.Contains('\u001b'));
    }

    [Theory]
    [InlineData("jsonl")]
    [InlineData("csv")]
    public async Task A_program_is_recorded_from_its_first_moment_to_its_end(string ending)
    {
        string file = _folder[$"a.{ending}"];
        await using ProgramProcess tool = Tool.Start("record", "-o", file, "--interval", "250ms", "--", "dotnet", Target.WorkAssembly);
        await tool.WaitForLineAsync("ready");
        await tool.DoAsync("burn 300");
        await tool.DoAsync("collect 5");
        // Its runtime is asked after a second; the counters of the next second arrive with those of the one after.
        await TimeLimit.Until(
            () => RecordingReader.Read(file).Samples.Any(s => s.Values.ContainsKey(MetricCatalog.PoolThreads.Name)), "counters");
        await tool.DoAsync("collect 5");
        await tool.TypeAsync("exit 42");
        ProgramResult result = (await tool.ExitAsync()).EndedWith(42);
        result.WithError($"samples in {file}").WithOutput("description", "diagnosed-work");

        RecordingData recording = RecordingReader.Read(file);
        ProcessDescription work = Assert.Single(recording.Processes);
        Assert.Equal("diagnosed-work", work.Name);
        Assert.True(recording.Series(work.Pid, MetricCatalog.Uptime.Name).First().Value < 10);
        Assert.Contains(recording.Series(work.Pid, MetricCatalog.Cpu.Name), v => v.Value > 0);
        Assert.Contains(recording.Series(work.Pid, MetricCatalog.PauseLongest.Name), v => v.Value > 0);
        Assert.Contains(recording.Series(work.Pid, MetricCatalog.PoolThreads.Name), v => v.Value >= 0);
    }

    [Fact]
    public async Task A_program_that_a_script_starts_is_recorded_too()
    {
        string file = _folder["a.jsonl"];
        await using ProgramProcess tool = Tool.Start(
            "record", "-o", file, "--quiet", "--interval", "250ms", "--", "sh", "-c", $"dotnet '{Target.WorkAssembly}'; exit 7");
        await tool.WaitForLineAsync("ready");
        await tool.DoAsync("burn 100");
        // The script's program is found a moment after it runs.
        await TimeLimit.Until(
            () => File.Exists(file) && new FileInfo(file).Length > 0 && RecordingReader.Read(file).Samples.Count > 0, "a sample");
        // At once: a program of .NET that ends in order while its counters are read can deadlock in its runtime.
        await tool.TypeAsync("die 0");
        (await tool.ExitAsync()).EndedWith(7);
        Assert.Equal("diagnosed-work", Assert.Single(RecordingReader.Read(file).Processes).Name);
    }

    [Fact]
    public async Task Programs_that_cannot_be_recorded()
    {
        string file = _folder["a.jsonl"];
        (await Tool.RunAsync("record", "-o", file, "--", "no-such-program")).EndedWith(127).WithOneSentence("'no-such-program'");
        string text = _folder.Write("text", "no program");
        Assert.False(File.Exists(file));
        (await Tool.RunAsync("record", "-o", file, "--", text)).EndedWith(126).WithOneSentence("cannot be started");
        (await Tool.RunAsync("record", "-o", file, "--quiet", "--", "true")).EndedWith(4).WithOneSentence("'true'", "nothing was recorded");
    }

    [Fact]
    public async Task A_program_that_is_recorded_ends_in_order_when_the_tool_is_asked_to()
    {
        await using ProgramProcess tool = Tool.Start(
            "record", "-o", _folder["a.jsonl"], "--interval", "250ms", "--", Programs.Server, "--listen", "127.0.0.1:0", "--tls", "none");
        await tool.WaitForLineAsync("Server started");
        Native.Signal(tool.Id, 15);
        (await tool.ExitAsync()).EndedWith(0).WithOutput("Stopping (SIGTERM)").WithOutput("Endings: none");
    }

    [Fact]
    public async Task Ps_lists_whom_one_may_attach_to()
    {
        await using ProgramProcess work = await Target.StartWorkAsync();
        ProgramResult result = (await Tool.RunAsync("ps")).EndedWith(0);
        string line = result.Output.Single(l => l.StartsWith($"{work.Id} ", StringComparison.Ordinal));
        const string columns = @"diagnosed-work +diagnosed-work +\.NET 10\.\S+ +\S+ +0:00:\d\d +\d+ +\d+\.\d MB";
        Assert.Matches($@"{columns} +none +\S*dotnet .*diagnosed-work\.dll$", line);
    }

    [Fact]
    public async Task A_name_stands_for_its_process()
    {
        await using ProgramProcess server = new(
            Programs.Server, ["--listen", "127.0.0.1:0", "--tls", "none"], new Dictionary<string, string> { ["TMPDIR"] = _folder.Path });
        await server.WaitForLineAsync("Server started");
        await using ProgramProcess tool = Tool.StartIn(_folder.Path, "watch", "--once", "server", "--group", "process");
        Assert.Contains(Text(server.Id), (await tool.ExitAsync()).EndedWith(0).Row("PID"));
    }

    public void Dispose() => _folder.Dispose();

    private static string Text(int pid) => pid.ToString(CultureInfo.InvariantCulture);

    private static async Task LoadAsync(HttpClient http, Uri address, CancellationToken enough)
    {
        try
        {
            while (!enough.IsCancellationRequested)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { ConnectionClose = true } };
                using HttpResponseMessage response = await http.SendAsync(request, enough);
                await Task.Delay(20, enough);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private async Task CreateCertificatesAsync()
    {
        await using var certs = new ProgramProcess(Programs.Certs, ["create", "--dir", _folder.Path]);
        (await certs.ExitAsync()).EndedWith(0);
    }

    private string[] Own(string name) => ["--ca", _folder["ca.pem"], "--cert", _folder[$"{name}.pem"], "--key", _folder[$"{name}-key.pem"]];
}
