using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The units of deploy/systemd, run by systemd, and looked at by its tools.</summary>
public sealed class SystemdTests(Certificates certificates)
{
    private const string Service = "rawecho-server.service";
    private const string Socket = "rawecho-server.socket";

    [Fact]
    public async Task A_restart_under_load_loses_no_message_and_refuses_nobody_where_systemd_listens()
    {
        string address = $"127.0.0.1:{FreePorts.Take(1)[0]}";
        await using SystemdMachine machine = await SystemdMachine.StartAsync(
            certificates,
            ($"units/{Socket}.d/port.conf", $"[Socket]\nListenStream=\nListenStream={address}\n"),
            ($"units/{Service}.d/often.conf", "[Unit]\nStartLimitIntervalSec=0\n"));
        await machine.RunAsync($"systemctl start {Socket}");
        Assert.Equal("inactive", await machine.PropertyAsync(Service, "ActiveState"));
        await using ProgramProcess paced = Load(address, "--clients", "24", "--rate", "600");
        await using ProgramProcess churn = Load(address, "--clients", "6", "--rate", "60", "--messages-per-connection", "10");
        await machine.UntilAsync(Service, "ActiveState", "active");
        for (int i = 0; i < 10; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300));
            await machine.RunAsync($"systemctl restart {Service}");
        }

        await Task.Delay(TimeSpan.FromMilliseconds(300));
        foreach (ProgramProcess client in (ProgramProcess[])[paced, churn]) await LoadRun.StopWithoutLossAsync(client);
        await machine.RunAsync($"systemctl stop {Socket} {Service}");
        Assert.Equal("success", await machine.PropertyAsync(Service, "Result"));
    }

    [Fact]
    public async Task The_service_says_when_it_is_ready_how_it_stands_and_is_started_again_when_it_stands_still()
    {
        string address = $"127.0.0.1:{FreePorts.Take(1)[0]}";
        await using SystemdMachine machine = await SystemdMachine.StartAsync(
            certificates,
            ("etc/default/rawecho-server", $"RAWECHO_LISTEN={address}\n"),
            ($"units/{Service}.d/fast.conf", "[Service]\nWatchdogSec=2s\n"));
        // Ready is what systemctl waits for: there is no moment in which the service counts as started and refuses.
        await machine.RunAsync($"systemctl start {Service}");
        (await LoadRun.RunAsync(address, certificates, "--clients", "2", "--messages", "20")).EndedWith(Exit.Success);
        await machine.UntilAsync(Service, "StatusText", "0 clients connected");
        await machine.RunAsync($"systemctl reload {Service}");
        string[] anonymous = ["probe", address, "--tls", "server", "--ca", certificates.Ca];
        await using (var probe = new ProgramProcess(Programs.Client, anonymous))
            Assert.NotEqual(Exit.Success, (await probe.ExitAsync()).ExitCode);

        await machine.RunAsync($"kill -STOP $(systemctl show {Service} --property MainPID --value)");
        await machine.UntilAsync(Service, "NRestarts", "1");
        await machine.UntilAsync(Service, "ActiveState", "active");
        (await LoadRun.RunAsync(address, certificates, "--clients", "2", "--messages", "20")).EndedWith(Exit.Success);
        await machine.RunAsync($"systemctl stop {Service}");

        Dictionary<string, string> priorities = [];
        foreach (string line in (await machine.RunAsync($"journalctl --unit {Service} --output json")).Split('\n'))
        {
            JsonElement entry = JsonDocument.Parse(line).RootElement;
            priorities[entry.GetProperty("MESSAGE").GetString()!] = entry.GetProperty("PRIORITY").GetString()!;
        }

        Assert.Equal("6", priorities[$"Listening on {address}"]);
        Assert.Contains(priorities, p => p is { Value: "5" } && p.Key.StartsWith("Reloaded (SIGHUP)", StringComparison.Ordinal));
        Assert.Contains(priorities, p => p is { Value: "5" } && p.Key.StartsWith("Refused 127.0.0.1:", StringComparison.Ordinal));
        Assert.DoesNotContain(priorities, p => p.Key.StartsWith('<'));
    }

    [Fact]
    public async Task The_units_are_right_and_the_service_is_hardened()
    {
        Assert.SkipWhen(Programs.OnPath("systemd-analyze") is null, "There is no systemd-analyze on this machine.");
        string folder = Programs.InRepository("deploy/systemd");
        string known = "grep -v -e 'not executable' -e \"Command 'man\" || true";
        Assert.Empty((await BashAsync($"systemd-analyze verify {folder}/{Service} {folder}/{Socket} 2>&1 | {known}")).Output);
        // Tenths: under 2.0.
        ProgramResult exposed = await BashAsync($"systemd-analyze security --offline=true --threshold=19 --no-pager {folder}/{Service}");
        Assert.True(exposed.ExitCode == 0, $"{exposed}");
    }

    private static async Task<ProgramResult> BashAsync(string command)
    {
        await using var process = new ProgramProcess(Programs.Bash!, ["-c", command]);
        return await process.ExitAsync();
    }

    private ProgramProcess Load(string address, params string[] more) =>
        LoadRun.Start(address, certificates, ["--duration", "5m", "--reconnect", "--json", .. more]);
}
