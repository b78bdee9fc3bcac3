using System.Globalization;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Faults;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The real client and the real server, with a proxy between them that damages connections by a seed.</summary>
public sealed class FaultProxyTests(Certificates certificates)
{
    [Fact]
    public async Task Whatever_happens_between_them_both_say_what_happened_and_no_echo_is_wrong()
    {
        const int runs = 6;
        Requires.Signals();
        int seed = Environment.TickCount & int.MaxValue;
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--quiet", "--drain-timeout", "1s");
        await using var proxy = new FaultProxy(server.EndPoint, new FaultOptions { Seed = seed, Share = 0.3 });
        for (int run = 0; run < runs; run++)
        {
            // A fault in the handshake ends a run before its start: the share leaves some of them all of their connections.
            ProgramResult client = await LoadRun.RunAsync(
                proxy.EndPoint.ToString(), certificates, "--clients", run % 2 == 0 ? "2" : "12", "--messages", "120", "--size", "1-2000",
                "--echo-timeout", "5s", "--drain-timeout", "1s");
            int[] expected = [Exit.Success, Exit.Network, Exit.TlsRefused, Exit.ConnectionLost, Exit.ServerClosed];
            Assert.True(expected.Contains(client.ExitCode), $"Seed {seed}, run {run}: exit code {client.ExitCode}");
            if (client.ExitCode != Exit.Success) Assert.NotEmpty(client.Errors);
            if (client.Output.Any(l => l.StartsWith("Mismatches", StringComparison.Ordinal))) Assert.Equal(0, client.Number("Mismatches"));
        }

        await TimeLimit.Until(() => proxy.Open == 0, $"the proxy has let go of all connections (seed {seed})");
        ProgramResult direct = await LoadRun.RunAsync(server.Address, certificates, "--clients", "4", "--messages", "100");
        direct.EndedWith(Exit.Success);
        ProgramResult report = await server.StopAsync();
        string endings = report.Output.Single(l => l.StartsWith("Endings: ", StringComparison.Ordinal))["Endings: ".Length..];
        long ended = endings.Split(", ").Sum(e => long.Parse(e.Split(' ')[1], CultureInfo.InvariantCulture));
        Assert.Equal(report.Number("Connections"), ended);
        Assert.DoesNotContain("HandlerFault", endings, StringComparison.Ordinal);
    }
}
