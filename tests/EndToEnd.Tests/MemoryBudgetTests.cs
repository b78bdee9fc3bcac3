using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>
/// Measures each row of "What a stranger can make the server hold" in docs/limits.md again; none may have grown by half.
/// </summary>
public sealed class MemoryBudgetTests(Certificates certificates)
{
    private const double Growth = 1.5;

    // What a process does besides, whatever its peers: a late collection, code that was compiled meanwhile.
    private const double Noise = 900_000;

    // As many peers as make that small beside what they hold. Of those that have gone there is garbage too, up to the next collection.
    private const double Held = 8 * Noise;
    private const int FewestPeers = 60, MostPeers = 300;

    // Most of a measurement is waiting until a server has given back what it does not need.
    private const int AtATime = 4;

    [Fact]
    public async Task No_peer_makes_the_server_hold_more_than_the_documentation_says()
    {
        Requires.Linux("/proc");
        var excesses = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            StrangerLoad.All(Issue), new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (load, _) =>
            {
                if (await FindExcessAsync(load) is { } excess) excesses.Enqueue(excess);
            });
        Assert.Empty(excesses);
    }

    private async Task<string?> FindExcessAsync(StrangerLoad load)
    {
        double budget = ReadBudget(load.Name);
        int peers = load.Remains ? MostPeers : Math.Clamp((int)(Held / budget), FewestPeers, MostPeers);
        double allowed = (budget * Growth) + (Noise / peers);
        await using RunningServer server = await RunningServer.StartAsync(certificates, ["--quiet", .. StrangerLoad.Patience]);
        double bytes = await new MemoryMeter(server.EndPoint, server.Process.Id).MeasureAsync(load, peers, allowed);
        await server.StopAsync();
        return bytes <= allowed ? null : $"{load.Name}: {bytes:0} bytes for each peer, and {allowed:0} are allowed.";
    }

    // "| name | 1,234 |"
    private static double ReadBudget(string name)
    {
        string[][] rows =
        [
            .. File.ReadLines(Programs.InRepository("docs/limits.md"))
                .Where(l => l.StartsWith('|'))
                .Select(l => l.Split('|', StringSplitOptions.TrimEntries)),
        ];
        string[] row = Assert.Single(rows, r => r.Length > 2 && r[1] == name);
        return double.Parse(row[2], NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }

    private X509Certificate2 Issue(int padding) => certificates.Issue(new Leaf { Subject = "CN=peer", Padding = padding });
}
