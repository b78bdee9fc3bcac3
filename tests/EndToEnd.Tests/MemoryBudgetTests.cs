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

    // What so many peers do to a process besides, for each of them: a late collection, code that was compiled meanwhile.
    private const int Peers = 300;
    private const double Noise = 3000;

    public static TheoryData<string> Rows => [.. StrangerLoad.All(_ => throw new NotSupportedException()).Select(l => l.Name)];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_peer_makes_the_server_hold_no_more_than_the_documentation_says(string name)
    {
        Requires.Linux("/proc");
        StrangerLoad load = StrangerLoad.All(Issue).Single(l => l.Name == name);
        double allowed = (ReadBudget(name) * Growth) + Noise;
        await using RunningServer server = await RunningServer.StartAsync(certificates, ["--quiet", .. StrangerLoad.Patience]);
        double bytes = await new MemoryMeter(server.EndPoint, server.Process.Id).MeasureAsync(load, Peers, allowed, TimeLimit.Default);
        Assert.True(bytes <= allowed, $"{name}: {bytes:0} bytes for each peer, and {allowed:0} are allowed.");
        await server.StopAsync();
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

    private X509Certificate2 Issue(int padding)
    {
        PemFiles files = certificates.Write($"peer-{Guid.NewGuid():N}", new Leaf { Subject = "CN=peer", Padding = padding });
        return X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
    }
}
