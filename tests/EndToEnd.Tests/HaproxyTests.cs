using System.Text.RegularExpressions;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Behind the real HAProxy, with the configuration of deploy/haproxy.</summary>
public sealed class HaproxyTests(Certificates certificates)
{
    [Fact]
    public async Task The_servers_know_their_clients_by_their_own_addresses_and_health_checks_are_no_failures()
    {
        Requires.Linux("all of 127.0.0.0/8 is loopback there alone");
        await using HaproxyFleet fleet = await HaproxyFleet.StartAsync(certificates, "--max-connections-per-address", "2");
        // Six connections of one address find room on three servers, and of HAProxy's own address there are more.
        ProgramResult result = await LoadRun.RunAsync(
            fleet.Address, certificates, "--clients", "6", "--messages", "600", "--source", "127.0.0.9");
        result.EndedWith(Exit.Success);
        await using ProgramProcess full = LoadRun.Start(
            fleet.Address, certificates, "--clients", "6", "--messages", "600", "--source", "127.0.0.10", "--wait");
        await full.WaitForLineAsync("Press any key");
        (await LoadRun.RunAsync(fleet.Address, certificates, "--clients", "1", "--messages", "1", "--source", "127.0.0.10"))
            .EndedWith(Exit.TlsRefused);
        (await LoadRun.RunAsync(fleet.Address, certificates, "--clients", "1", "--messages", "1", "--source", "127.0.0.11"))
            .EndedWith(Exit.Success);
        await full.TypeAsync(string.Empty);
        (await full.ExitAsync()).EndedWith(Exit.Success);
        foreach (RunningServer server in fleet.Servers)
        {
            await server.Process.WaitForLineAsync(
                l => Regex.IsMatch(l, @"^Client connection 127\.0\.0\.9:\d+ by 127\.0\.0\.1:\d+ accepted"), "who the client is");
            Assert.DoesNotContain(server.Process.Lines, l => l.Contains("ProxyHeader", StringComparison.Ordinal));
        }

        Assert.Contains(fleet.Servers, s => s.Process.Lines.Any(l => l.Contains("Refused 127.0.0.10:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Rolling_restarts_under_load_lose_no_message_and_refuse_nobody()
    {
        Requires.Linux("deploy/haproxy is for it");
        // Programs that are compiled just in time take longer to start, and are restarted as the others.
        int rounds = Programs.IsNative ? 10 : 1;
        await using HaproxyFleet fleet = await HaproxyFleet.StartAsync(certificates);
        await using ProgramProcess old = Load(fleet, "--clients", "24", "--rate", "600");
        await using ProgramProcess churn = Load(fleet, "--clients", "6", "--rate", "120", "--messages-per-connection", "10");
        await TimeLimit.Until(() => fleet.Servers.Sum(CountAccepted) > 40, "there is load");
        for (int i = 0; i < rounds * fleet.Servers.Count; i++) await fleet.RestartAsync(i % fleet.Servers.Count);
        foreach (ProgramProcess client in (ProgramProcess[])[old, churn]) await LoadRun.StopWithoutLossAsync(client);
    }

    private ProgramProcess Load(HaproxyFleet fleet, params string[] more) =>
        LoadRun.Start(fleet.Address, certificates, ["--duration", "10m", "--reconnect", "--json", .. more]);

    private static int CountAccepted(RunningServer server) =>
        server.Process.Lines.Count(l => l.Contains("accepted", StringComparison.Ordinal));
}
