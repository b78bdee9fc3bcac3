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

    private async Task<JsonElement> RunAsync(string server, params string[] more)
    {
        ProgramResult client = await LoadRun.RunAsync(server, certificates, [.. more, "--json", "--quiet"]);
        client.EndedWith(Exit.Success);
        return JsonDocument.Parse(Assert.Single(client.Output)).RootElement;
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
