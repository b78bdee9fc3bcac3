using System.Diagnostics;
using System.Security.Authentication;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>What peers that nobody vouches for leave behind in the memory of the server.</summary>
public sealed class StrangerMemoryTests(Certificates certificates)
{
    private const int Mebi = 1 << 20;

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Refused_peers_with_large_certificates_leave_nothing_behind(SslProtocols version)
    {
        // What the server kept of each was twice the certificate: 40 MB in all, and half of it is still three times what is allowed here.
        const int certificateBytes = 60 << 10, warmUp = 40, strangers = 340, allowed = 12 * Mebi;
        Requires.Linux("/proc");
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--quiet");
        await FloodAsync(warmUp);
        long before = ProcessMemory.ReadPrivate(server.Process.Id);
        await FloodAsync(strangers);
        // What is kept of a peer stays; free pages between it are given back as soon as all is quiet.
        long grown = long.MaxValue;
        for (var clock = Stopwatch.StartNew(); grown >= allowed && clock.Elapsed < TimeLimit.Default; await Task.Delay(100))
            grown = ProcessMemory.ReadPrivate(server.Process.Id) - before;
        Assert.True(grown < allowed, $"{strangers} refused peers left {grown / 1024} KB in the server.");
        ProgramResult report = await server.StopAsync();
        report.WithOutput($"Handshakes: 0 done, {warmUp + strangers} failed");

        async Task FloodAsync(int count)
        {
            const int atATime = 4;
            await Parallel.ForAsync(0, atATime, async (_, _) =>
            {
                using TlsPeer stranger = TlsPeer.SelfSigned(certificateBytes, version, tickets: false);
                for (int i = 0; i < count / atATime; i++)
                    Assert.Equal(PeerOutcome.Refused, await stranger.ConnectAsync(server.EndPoint, TimeLimit.Default));
            });
        }
    }
}
