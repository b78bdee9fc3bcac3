using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>A load at a rate: what was to be sent is counted, and a server that stalls cannot hide it.</summary>
public sealed class OpenLoopTests(Certificates certificates)
{
    [Fact]
    public async Task A_stall_shows_in_the_corrected_latency_and_not_in_that_of_the_service()
    {
        const int rate = 500, seconds = 6, stallAt = 1000;
        var stall = TimeSpan.FromSeconds(1);
        int messages = 0;
        Task stalled = Task.CompletedTask;
        await using var server = TestServer.WithTls(certificates, async (stream, _) =>
        {
            byte[] buffer = new byte[1000];
            while (await stream.ReadAsync(buffer) is > 0 and var read)
            {
                if (Interlocked.Increment(ref messages) == stallAt) Volatile.Write(ref stalled, Task.Delay(stall));
                await Volatile.Read(ref stalled);
                await stream.WriteAsync(buffer.AsMemory(0, read));
            }
        });
        JsonElement run = await RunAsync(server.Address, "--rate", $"{rate}", "--duration", $"{seconds}s", "--clients", "8");

        Assert.InRange(Percentile(run, "corrected", 99), stall.TotalNanoseconds * 0.8, stall.TotalNanoseconds * 3);
        Assert.InRange(Percentile(run, "service", 99), 0, stall.TotalNanoseconds * 0.5);
        Assert.InRange(
            run.GetProperty("serviceLatency").GetProperty("maxNs").GetInt64(), stall.TotalNanoseconds * 0.8, stall.TotalNanoseconds * 3);
        // One message of each connection waited on the wire; all others waited for their turn, and were late.
        Assert.True(run.GetProperty("rate").GetProperty("late").GetInt64() > rate / 2);
        JsonElement causes = run.GetProperty("rate").GetProperty("lateBecause");
        Assert.True(causes.GetProperty("noRoom").GetInt64() > rate / 2, $"{causes}");
        Assert.Equal(
            run.GetProperty("rate").GetProperty("late").GetInt64(), causes.EnumerateObject().Sum(c => c.Value.GetInt64()));
        Assert.NotEqual("none", run.GetProperty("bottleneck").GetProperty("verdict").GetString());
        AssertAllAccountedFor(run, rate * seconds);
    }

    [Theory]
    [InlineData(1000, "1", "16")]
    [InlineData(1000, "4", "3")]
    [InlineData(30, "1", "64")]
    public async Task Every_message_of_the_schedule_is_sent_or_counted(int rate, string depth, string clients)
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        JsonElement run = await RunAsync(server.Address, "--rate", $"{rate}", "--duration", "2s", "--depth", depth, "--clients", clients);
        AssertAllAccountedFor(run, rate * 2);
        ProgramResult report = await server.StopAsync();
        Assert.Equal(run.GetProperty("bytesSent").GetInt64(), report.Number("Bytes received"));
    }

    [Fact]
    public async Task A_number_of_messages_at_a_rate_is_sent_in_full_behind_ramp_and_warm_up()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        JsonElement run = await RunAsync(
            server.Address, "--rate", "500", "--messages", "200", "--clients", "4", "--ramp", "400ms", "--warmup", "200ms");
        Assert.Equal(200, run.GetProperty("roundTrips").GetInt64());
        ProgramResult report = await server.StopAsync();
        // 100 in the ramp (half of the full rate), and 100 in the warm-up; the last few of it may have waited for an echo.
        Assert.InRange(report.Number("Read operations"), 300, 401);
    }

    [Fact]
    public async Task What_a_server_that_is_too_slow_was_not_sent_is_counted_and_waits_in_the_corrected_latency()
    {
        await using var server = TestServer.WithTls(certificates, async (stream, _) =>
        {
            byte[] buffer = new byte[1000];
            while (await stream.ReadAsync(buffer) is > 0 and var read)
            {
                await Task.Delay(50);
                await stream.WriteAsync(buffer.AsMemory(0, read));
            }
        });
        JsonElement run = await RunAsync(server.Address, "--rate", "1000", "--duration", "1s", "--clients", "2");
        AssertAllAccountedFor(run, 1000);
        long unsent = run.GetProperty("rate").GetProperty("unsent").GetInt64();
        Assert.True(unsent > 500, $"{unsent} unsent");
        Assert.Equal(1000, run.GetProperty("correctedLatency").GetProperty("count").GetInt64());
        Assert.True(Percentile(run, "corrected", 50) > 200_000_000);
    }

    [Fact]
    public async Task A_client_that_is_stopped_for_a_while_is_late_by_itself()
    {
        const int rate = 500;
        Requires.Linux("SIGSTOP and bash");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        // The shell becomes a client; its child stops it for a second when it measures.
        const string script = "me=$$; (sleep 2; kill -STOP $me; sleep 1; kill -CONT $me) & exec \"$@\"";
        JsonElement run = await RunInBashAsync(
            script, server, "--rate", $"{rate}", "--duration", "4s", "--clients", "8", "--fail-if", "errors>0");
        JsonElement causes = run.GetProperty("rate").GetProperty("lateBecause");
        Assert.True(causes.GetProperty("client").GetInt64() > rate / 2, $"{causes}");
        JsonElement bottleneck = run.GetProperty("bottleneck");
        // On a full machine, who was late because of what cannot be told.
        Assert.Contains(bottleneck.GetProperty("verdict").GetString(), (string[])["client", "undecided"]);
    }

    [Fact]
    public async Task A_client_without_a_processor_of_its_own_is_no_slow_server()
    {
        Requires.Linux("taskset and the scheduler's figures");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        // Six programs that do nothing but run take the one processor that it may use, once it has started.
        const string script = "taskset -cp 0 $$ >/dev/null || exit 77; (sleep 2; for i in 1 2 3 4 5 6; do "
            + "timeout 8 bash -c 'while :; do :; done' & done) >/dev/null 2>&1 & exec nice -n 10 \"$@\"";
        JsonElement run = await RunInBashAsync(script, server, "--warmup", "3s", "--duration", "2s", "--clients", "16");
        JsonElement bottleneck = run.GetProperty("bottleneck");
        // Where the whole machine is full, server and client may have been starved alike.
        Assert.Contains(bottleneck.GetProperty("verdict").GetString(), (string[])["client", "undecided"]);
        Assert.True(bottleneck.GetProperty("figures").GetProperty("busiestThreadWaited").GetDouble() > 0.3, $"{bottleneck}");
    }

    private async Task<JsonElement> RunAsync(string server, params string[] more)
    {
        ProgramResult client = await LoadRun.RunAsync(server, certificates, [.. more, "--json", "--quiet"]);
        client.EndedWith(Exit.Success);
        return JsonDocument.Parse(Assert.Single(client.Output)).RootElement;
    }

    private async Task<JsonElement> RunInBashAsync(string script, RunningServer server, params string[] more)
    {
        string[] arguments = [Programs.Client, "--server", server.Address, .. certificates.ClientOptions, .. more, "--json", "--quiet"];
        await using var client = new ProgramProcess(Programs.Bash!, ["-c", script, "bash", .. arguments]);
        ProgramResult result = await client.ExitAsync();
        Assert.SkipWhen(result.ExitCode == 77, "There is no taskset, or it may not do it.");
        result.EndedWith(Exit.Success);
        return JsonDocument.Parse(Assert.Single(result.Output)).RootElement;
    }

    private static void AssertAllAccountedFor(JsonElement run, int due)
    {
        Assert.Equal(due, run.GetProperty("roundTrips").GetInt64() + run.GetProperty("rate").GetProperty("unsent").GetInt64());
        Assert.Equal(0, run.GetProperty("unanswered").GetInt64());
    }

    private static long Percentile(JsonElement run, string latency, double percent) =>
        run.GetProperty($"{latency}Latency").GetProperty("percentiles").EnumerateArray()
            .Single(p => p.GetProperty("percent").GetDouble() == percent).GetProperty("ns").GetInt64();
}
