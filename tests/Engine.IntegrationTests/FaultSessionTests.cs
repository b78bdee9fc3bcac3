using RawEcho.Client.Load;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Tls;
using RawEcho.Faults;
using RawEcho.Testing;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>
/// Thousands of short sessions of the real client with the real server, through a proxy that damages half of them. What a
/// seed has found is found again with RAWECHO_FAULT_SEED.
/// </summary>
public class FaultSessionTests
{
    private const int AtATime = 25;
    private const int MessagesEach = 4;

    private static readonly int Seed =
        int.TryParse(Environment.GetEnvironmentVariable("RAWECHO_FAULT_SEED"), out int given)
            ? given
            : Environment.TickCount & int.MaxValue;

    [Fact]
    public async Task Under_TLS_no_fault_brings_a_wrong_byte_and_every_connection_ends_once()
    {
        await using var server = new TestHost();
        var handler = new TlsClientHandler(new LoadHandler(), server.ClientOptions());
        (LoadClient[] loads, _) = await RunAsync(server, handler, new FaultOptions { Seed = Seed }, sessions: 4000);
        // Damaged bytes never reach the client at all.
        Assert.DoesNotContain(loads, l => l.Mismatch is not null);
    }

    [Fact]
    public async Task Without_TLS_every_wrong_byte_is_found()
    {
        await using var server = new TestHost(tls: false);
        var options = new FaultOptions { Seed = Seed, Kinds = [FaultKind.Flip, FaultKind.Truncate, FaultKind.Reset] };
        (LoadClient[] loads, IReadOnlyDictionary<FaultKind, int> faults) = await RunAsync(
            server, new LoadHandler(), options, sessions: 1000);
        Assert.True(faults[FaultKind.Flip] > 0);
        Assert.True(
            loads.Count(l => l.Mismatch is not null) == faults[FaultKind.Flip],
            $"Seed {Seed}: as many wrong bytes are found as bits were turned");
    }

    private static async Task<(LoadClient[] Loads, IReadOnlyDictionary<FaultKind, int> Faults)> RunAsync(
        TestHost server, IConnectionHandler handler, FaultOptions options, int sessions)
    {
        int sockets = CountSockets();
        (LoadClient[], IReadOnlyDictionary<FaultKind, int>) outcome;
        await using (var host = new ConnectionHost(new EngineOptions()))
        await using (var proxy = new FaultProxy(server.EndPoint, options))
        {
            using var run =
                new LoadRun(new LoadShape { Clients = sessions, Sizes = SizeDistribution.Of(1, 3000), Messages = sessions * MessagesEach });
            run.Start();
            var loads = new LoadClient[sessions];
            var ends = new ConnectionEnd[sessions];
            await Parallel.ForAsync(0, sessions, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (i, cancellation) =>
            {
                loads[i] = new LoadClient(run, i, MessagesEach);
                ends[i] = await host.ConnectAsync(proxy.EndPoint, handler, loads[i], cancellation: cancellation);
            }).WaitAsync(TimeLimit.Default * 3);
            await TimeLimit.Until(() => proxy.Open == 0, $"the proxy has let go of all connections (seed {Seed})");

            Assert.DoesNotContain(ends, e => e.Reason is CloseReason.None or CloseReason.HandlerFault);
            int faults = proxy.Done.Values.Sum();
            Assert.True(faults > sessions / 10, $"Seed {Seed}: only {faults} faults");
            // Whoever suffered no fault has all its echoes; none has more than it sent, or fewer and says it was done.
            Assert.True(
                loads.Count(l => l.IsDone) >= sessions - faults,
                $"Seed {Seed}: {loads.Count(l => !l.IsDone)} sessions failed by {faults} faults");
            Assert.All(loads, l => Assert.Equal(l.IsDone, l.RoundTrips == MessagesEach));
            AssertAtRest(host.Statistics, ends.GroupBy(e => e.Reason).ToDictionary(g => g.Key, g => (long)g.Count()));
            await server.AssertNothingIsHeldAsync();
            // One that the proxy had taken, and ended before it reached the server, the server has not seen.
            Assert.Equal(server.Host.Statistics.ConnectionsAccepted, server.Host.Statistics.Endings.Values.Sum());
            Assert.Equal(server.Host.Statistics.ConnectionsAccepted, server.Endings.Count);
            Assert.Empty(server.Faults);
            Assert.Equal((Environment.ProcessorCount, 0), (server.Host.Handshakes.Free, server.Host.Handshakes.Waiting));
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"Seed {Seed}: {sessions} sessions, faults: {string.Join(", ", proxy.Done)}; "
                    + $"client: {Text(host.Statistics)}; server: {Text(server.Host.Statistics)}");
            outcome = (loads, proxy.Done);
        }

        await TimeLimit.Until(() => CountSockets() <= sockets, $"no more than the {sockets} sockets of before (seed {Seed})");
        return outcome;
    }

    private static void AssertAtRest(EngineStatistics client, Dictionary<CloseReason, long> ends)
    {
        Assert.Equal(0, client.ConnectionsOpen);
        Assert.Equal((0, 0), (client.Pools.ArgsInUse, client.Pools.BuffersInUse));
        Assert.Equal(ends.OrderBy(e => e.Key), client.Endings.OrderBy(e => e.Key));
    }

    private static string Text(EngineStatistics s) => string.Join(", ", s.Endings.Select(e => $"{e.Key} {e.Value}"));

    private static int CountSockets() => OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Count(IsSocket) : 0;

    private static bool IsSocket(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            // It was closed while it was looked at.
            return false;
        }
    }
}
