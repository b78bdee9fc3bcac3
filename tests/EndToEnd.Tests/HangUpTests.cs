using System.Runtime.InteropServices;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>SIGHUP, which a session that drops sends: it ends programs as SIGTERM does, and what was measured is written.</summary>
public sealed class HangUpTests(Certificates certificates)
{
    [Fact]
    public async Task A_run_writes_its_results_and_its_report()
    {
        Requires.HangUp();
        using var folder = new TempFolder();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] load = ["--clients", "2", "--duration", "60s", "--json", "--report", folder["report.html"]];
        await using ProgramProcess client = LoadRun.Start(server.Address, certificates, load);
        await client.WaitForLineAsync(LoadRun.UnderWay);
        // A terminal that goes away sends several, and whoever ends the session may send SIGTERM behind them.
        foreach (PosixSignal signal in new[] { PosixSignal.SIGHUP, PosixSignal.SIGHUP, PosixSignal.SIGTERM })
        {
            if (!client.HasExited) client.Signal(signal);
        }

        ProgramResult result = (await client.ExitAsync()).EndedWith(Exit.Interrupted);
        Assert.Contains("\"interrupted\":true", Assert.Single(result.Output), StringComparison.Ordinal);
        Assert.EndsWith("</html>", (await File.ReadAllTextAsync(folder["report.html"])).TrimEnd(), StringComparison.Ordinal);
        await server.StopAsync();
    }

    [Theory]
    [InlineData("handshake", "full handshakes, ", "--duration", "60s")]
    [InlineData("max", "Run 2: ", "--p99", "20s", "--from", "50", "--duration", "3500ms", "--warmup", "off", "--clients", "2")]
    public async Task Other_commands_write_what_they_have(string command, string underWay, params string[] options)
    {
        Requires.HangUp();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] words = [command, "--server", server.Address, .. certificates.ClientOptions, .. options, "--json"];
        await using var client = new ProgramProcess(Programs.Client, words);
        await client.WaitForLineAsync(underWay);
        client.Signal(PosixSignal.SIGHUP);
        ProgramResult result = (await client.ExitAsync()).EndedWith(Exit.Interrupted);
        Assert.Contains("\"interrupted\":true", Assert.Single(result.Output), StringComparison.Ordinal);
        await server.StopAsync();
    }

    [Fact]
    public async Task Who_was_started_by_nohup_goes_on()
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess client = Shell.StartIgnoringHangUp(
            Programs.Client, ["--server", server.Address, .. certificates.ClientOptions, "--clients", "2", "--duration", "4s", "--json"]);
        await client.WaitForLineAsync(LoadRun.UnderWay);
        client.Signal(PosixSignal.SIGHUP);
        ProgramResult result = (await client.ExitAsync()).EndedWith(Exit.Success);
        Assert.Contains("\"interrupted\":false", Assert.Single(result.Output), StringComparison.Ordinal);
        await server.StopAsync();
    }

    [Fact]
    public async Task A_server_that_reloads_nothing_stops_in_order()
    {
        Requires.HangUp();
        await using RunningServer server = await RunningServer.StartAsync("--listen", "127.0.0.1:0", "--tls", "none");
        (await server.StopAsync(PosixSignal.SIGHUP)).WithOutput("Stopping (SIGHUP)").WithOutput("Endings: none");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_terminal_that_goes_away_costs_no_results(bool isServer)
    {
        Requires.HangUp();
        Requires.Linux("script(1) of util-linux makes a terminal");
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "There is no script(1) on this machine.");
        using var folder = new TempFolder();
        await using RunningServer other = await RunningServer.StartAsync(certificates);
        string[] load = ["--clients", "2", "--duration", "60s", "--report", folder["report.html"]];
        string[] words = isServer
            ? [Programs.Server, "--listen", "127.0.0.1:0", .. certificates.ServerOptions]
            : [Programs.Client, "--server", other.Address, .. certificates.ClientOptions, .. load];
        // The server's log is what it leaves; the client's standard streams are all on the terminal.
        string command = $"echo $$ >'{folder["pid"]}'; exec {string.Join(' ', words)}{(isServer ? $" >'{folder["log"]}'" : string.Empty)}";
        await using var terminal = new ProgramProcess(
            "/usr/bin/script", ["-qefc", command, folder["typescript"]], new Dictionary<string, string> { ["TERM"] = "xterm" });
        string shown = folder[isServer ? "log" : "typescript"];
        string wanted = isServer ? "Server started" : LoadRun.UnderWay;
        bool IsUnderWay() => File.Exists(shown) && File.ReadAllText(shown).Contains(wanted, StringComparison.Ordinal);
        await TimeLimit.Until(IsUnderWay, "the program is under way");
        terminal.Kill();
        string process = $"/proc/{(await File.ReadAllTextAsync(folder["pid"])).Trim()}";
        await TimeLimit.Until(() => !Directory.Exists(process), "the program has ended");
        if (isServer) Assert.Contains("Stopping (SIGHUP)", await File.ReadAllTextAsync(folder["log"]), StringComparison.Ordinal);
        else Assert.EndsWith("</html>", (await File.ReadAllTextAsync(folder["report.html"])).TrimEnd(), StringComparison.Ordinal);
        await other.StopAsync();
    }
}
