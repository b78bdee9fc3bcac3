using RawEcho.Client.Load;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>The gate on garbage: a round trip allocates nothing, on the server's side and on the client's.</summary>
public class AllocationTests
{
    // Messages per second in an open loop. The timers of the hosts allocate about 2 KB per second, so a measurement window must be
    // shorter than that.
    private const double FastRate = 20_000;

    [Theory]
    [InlineData(1, 100, null)]
    [InlineData(16_384, 16_384, null)]
    [InlineData(1, 100, FastRate)]
    [InlineData(16_384, 16_384, FastRate)]
    public async Task A_round_trip_allocates_nothing(int minSize, int maxSize, double? rate)
    {
        const int clients = 4;
        const long warmUp = 2_000;
        const long measured = 5_000;
        await using var server = new TestHost();
        await using var client = new ConnectionHost(new EngineOptions());
        using var run = new LoadRun(
            new LoadShape { Clients = clients, Sizes = SizeDistribution.Of(minSize, maxSize), Duration = TimeLimit.Default, Rate = rate });
        var handler = new TlsClientHandler(new LoadHandler(), server.ClientOptions());
        LoadClient[] loads = [.. Enumerable.Range(0, clients).Select(i => new LoadClient(run, i, run.QuotaOf(i)))];
        Task[] ends = [.. loads.Select(load => client.ConnectAsync(server.EndPoint, handler, load))];
        await Task.WhenAll(loads.Select(l => l.Ready)).WithinLimit();
        run.Start();
        Task pacing = rate is null ? Task.CompletedTask : Pacer.RunAll(run, i => loads[i].Open);

        // The best of several windows: what other threads of the process do now and then is not the round trip's doing.
        long least = long.MaxValue;
        for (int window = 0; window < 5 && least >= measured; window++)
        {
            long begin = loads.Sum(l => l.RoundTrips) + (window == 0 ? warmUp : 0);
            await WaitForAsync(begin);
            long bytes = GC.GetTotalAllocatedBytes(precise: true);
            await WaitForAsync(begin + measured);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - bytes);
        }

        run.Stop();
        await pacing.WithinLimit();
        // A connection that waits for nothing is not told by itself.
        await TimeLimit.Until(
            () =>
            {
                foreach (LoadClient load in loads) load.Open?.EndIfIdle();
                return Array.TrueForAll(ends, e => e.IsCompleted);
            },
            "all connections have ended");
        Assert.True(least < measured, $"{least} bytes were allocated in {measured} round trips");

        // Blocks a thread of its own, so that waiting allocates nothing either.
        Task WaitForAsync(long roundTrips) => Task.Factory.StartNew(
            () =>
            {
                var clock = System.Diagnostics.Stopwatch.StartNew();
                while (Sum() < roundTrips)
                {
                    if (clock.Elapsed > TimeLimit.Default) throw new TimeoutException("The round trips do not come.");
                    Thread.Sleep(1);
                }
            },
            TaskCreationOptions.LongRunning);

        long Sum()
        {
            long sum = 0;
            foreach (LoadClient load in loads) sum += load.RoundTrips;
            return sum;
        }
    }
}
