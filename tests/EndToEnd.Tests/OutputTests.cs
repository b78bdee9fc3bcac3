using System.Runtime.InteropServices;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Standard streams that are full or closed: no program aborts, results go where they can, and the exit code tells.</summary>
public sealed class OutputTests(Certificates certificates)
{
    private const string CannotBeWritten = "standard output cannot be written: ";

    /// <summary>A command, the exit code it has by itself, and a word of what it writes to the stream that is meant for it.</summary>
    private sealed record Case(string Program, int ExitCode, string Word, params string[] Arguments)
    {
        public override string ToString() => $"{Path.GetFileName(Program)} {string.Join(' ', Arguments)}";
    }

    public static TheoryData<string> Redirections => [">/dev/full", ">&-", "2>/dev/full", "2>&-", "<&- >&- 2>&-"];

    [Theory]
    [MemberData(nameof(Redirections))]
    public async Task What_needs_no_server_survives_every_stream(string redirection)
    {
        Requires.Linux("/dev/full");
        using var folder = new TempFolder();
        string[] unreachable = ["--server", "127.0.0.1:1", "--clients", "2", "--quiet", .. certificates.ClientOptions];
        Case[] cases =
        [
            new(Programs.Server, Exit.Success, "--listen", "--help"),
            new(Programs.Server, Exit.Usage, "--listen takes", "--listen", "nowhere:x"),
            new(Programs.Client, Exit.Success, "complete", "completion", "bash"),
            new(Programs.Client, Exit.Network, "not connected", unreachable),
            new(Programs.Certs, Exit.Success, "CN=", "show", certificates.Ca),
            new(Programs.Certs, Exit.Certificate, "missing", "show", folder["missing"]),
            new(Programs.Certs, Exit.Success, "Wrote to", "create", "--dir", folder["pki"]),
            new(Programs.Diagnostics, Exit.Success, "PID", "ps"),
            new(Programs.Diagnostics, 3, "no-such-program", "watch", "no-such-program"),
        ];
        await RunAllAsync(redirection, cases);

        // A stream that was closed has given its number to no file: what was written is what was to be written.
        await using var check = new ProgramProcess(Programs.Certs, ["check", "--dir", folder["pki"]]);
        (await check.ExitAsync()).EndedWith(Exit.Success);
    }

    [Theory]
    [InlineData(">/dev/full")]
    [InlineData(">&-")]
    [InlineData("2>/dev/full")]
    [InlineData(">/dev/full 2>/dev/full")]
    public async Task Results_and_reports_survive_every_stream(string redirection)
    {
        Requires.Linux("/dev/full");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        using var folder = new TempFolder();
        string[] to = ["--server", server.Address, .. certificates.ClientOptions], load = ["--clients", "2", "--duration", "300ms"];
        ProgramResult run = await LoadRun.RunAsync([.. to, .. load, "--json", "--quiet"]);
        string result = folder.Write("run.json", run.Output[0]);
        run = await LoadRun.RunAsync([.. to, .. load, "--json", "--quiet"]);
        string other = folder.Write("other.json", run.Output[0]);
        string[] met = [.. load, "--fail-if", "p50>1ns"];
        Case[] cases =
        [
            new(Programs.Client, Exit.Success, "Round trips: ", ["run", .. to, .. load, "--report", folder["text.html"]]),
            new(Programs.Client, Exit.Success, "\"roundTrips\":", ["run", .. to, .. load, "--json", "--report", folder["json.html"]]),
            new(Programs.Client, Exit.ConditionMet, "Round trips: ", ["run", .. to, .. met, "--report", folder["met.html"]]),
            new(Programs.Client, Exit.Success, "Round trips: ", "merge", result, "--report", folder["merged.html"]),
            new(Programs.Client, Exit.Success, "Mutual TLS works", ["probe", .. to]),
            new(Programs.Client, Exit.Success, "\"type\":\"result\"", ["run", .. to, .. load, "--json-lines", "-"]),
        ];
        string[] search = ["--p50", "20s", "--from", "50", "--to", "60", "--confirm", "1", "--duration", "100ms", "--warmup", "off"];
        Case[] alike =
        [
            new(Programs.Client, Exit.Success, "Full handshakes: 4", ["handshake", .. to, "--count", "4", "--quiet"]),
            new(Programs.Client, Exit.Success, "Highest rate", ["max", .. to, .. search, "--quiet"]),
            new(Programs.Client, Exit.Success, "Runs: 2 of 2", ["run", .. to, .. load, "--repeat", "2", "--quiet"]),
            new(Programs.Client, Exit.Success, "cannot be told", "compare", result, other),
        ];
        await RunAllAsync(redirection, redirection == ">/dev/full" ? [.. cases, .. alike] : cases);
        foreach (string report in new[] { "text.html", "json.html", "met.html", "merged.html" })
            Assert.StartsWith("<!DOCTYPE html>", await File.ReadAllTextAsync(folder[report]), StringComparison.OrdinalIgnoreCase);
        await server.StopAsync();
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_costs_no_results_and_hides_no_other_code()
    {
        Requires.Linux("/dev/full");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] load = ["--clients", "2", "--duration", "300ms", "--quiet", "--report", "/dev/full"];
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, load);
        client.EndedWith(11).WithOneSentence("The report cannot be written").WithOutput("Round trips: ");
        client = await LoadRun.RunAsync(server.Address, certificates, [.. load, "--fail-if", "p50>1ns"]);
        client.EndedWith(Exit.ConditionMet).WithOutput("Round trips: ");
        client.WithError("The report cannot be written").WithError("--fail-if p50>1ns");
        await server.StopAsync();
    }

    [Theory]
    [InlineData(">/dev/full", Exit.Output)]
    [InlineData(">&-", Exit.Output)]
    [InlineData("<&- >&- 2>&-", Exit.Output)]
    [InlineData("2>/dev/full", Exit.Success)]
    [InlineData("2>&-", Exit.Success)]
    public async Task A_server_serves_whatever_becomes_of_its_streams(string redirection, int exitCode)
    {
        Requires.Linux("/dev/full");
        using var folder = new TempFolder();
        string[] options = ["--listen", "127.0.0.1:0", .. certificates.ServerOptions, "--verbose", "--keylog", folder["keys"]];
        await using ProgramProcess server = Shell.Start(redirection, Programs.Server, options);
        string address = await ProcessView.ListeningAddressAsync(server.Id);
        string[] load = ["--clients", "5", "--duration", "300ms", "--quiet"];
        for (int i = 0; i < 2; i++) (await LoadRun.RunAsync(address, certificates, load)).EndedWith(Exit.Success);
        server.Signal(PosixSignal.SIGTERM);
        ProgramResult result = (await server.ExitAsync()).EndedWith(exitCode);
        if (redirection.StartsWith('>')) result.WithError("rawecho-server: ", CannotBeWritten);
        if (exitCode == Exit.Success) result.WithOutput("Handshakes: 10 done, 0 failed");
        // Nothing else has landed in the file, whichever number it was given.
        string[] keys = await File.ReadAllLinesAsync(folder["keys"]);
        Assert.Equal(50, keys.Length);
        Assert.All(keys, k => Assert.Matches(KeyLogTests.WholeLine, k));
    }

    [Fact]
    public async Task The_log_of_a_server_goes_on_when_its_disk_has_room_again()
    {
        const ulong room = 100;
        Requires.Linux("prlimit");
        using var folder = new TempFolder();
        string log = folder["log"];
        string[] options = ["--listen", "127.0.0.1:0", .. certificates.ServerOptions, "--verbose"];
        await using ProgramProcess server = Shell.StartWithLimitedFiles($">'{log}'", Programs.Server, options);
        bool HasStarted() => File.Exists(log) && File.ReadAllText(log).Contains("-----\n", StringComparison.Ordinal);
        await TimeLimit.Until(HasStarted, "the server has started");
        string address = await ProcessView.ListeningAddressAsync(server.Id);

        ResourceLimit.SetFileSize(server.Id, (ulong)new FileInfo(log).Length + room);
        (await LoadRun.RunAsync(address, certificates, "--clients", "5", "--duration", "300ms", "--quiet")).EndedWith(Exit.Success);
        await server.WaitForLineAsync(CannotBeWritten + "File too large");
        ResourceLimit.SetFileSize(server.Id, soft: null);
        (await LoadRun.RunAsync(address, certificates, "--clients", "1", "--duration", "300ms", "--quiet")).EndedWith(Exit.Success);
        server.Signal(PosixSignal.SIGTERM);

        // What was lost is told in the log itself, so it is no failure any more.
        (await server.ExitAsync()).EndedWith(Exit.Success);
        string[] lines = await File.ReadAllLinesAsync(log);
        const string sentence = " lines were lost: standard output could not be written: File too large.)";
        int told = Array.FindIndex(lines, l => l.StartsWith('(') && l.EndsWith(sentence, StringComparison.Ordinal));
        Assert.True(told > 0, string.Join(Environment.NewLine, lines));
        Assert.Contains(lines.Skip(told), l => l.Contains("Stopping (SIGTERM)", StringComparison.Ordinal));
        Assert.Contains("Handshakes: 6 done, 0 failed", lines);
    }

    private static async Task RunAllAsync(string redirection, IEnumerable<Case> cases)
    {
        bool losesOutput = redirection.Split(' ').Any(r => r.StartsWith('>'));
        bool losesErrors = redirection.Contains("2>", StringComparison.Ordinal);
        using var atATime = new SemaphoreSlim(3);
        await Task.WhenAll(cases.Select(async c =>
        {
            await atATime.WaitAsync();
            try
            {
                await using ProgramProcess process = Shell.Start(redirection, c.Program, c.Arguments);
                ProgramResult result = await process.ExitAsync();
                int expected = losesOutput && c.ExitCode == Exit.Success ? Exit.Output : c.ExitCode;
                Assert.True(result.ExitCode == expected, $"{c} {redirection}: exit code {result.ExitCode} instead of {expected}.");
                // What one stream does not take is on the other: results, and errors.
                bool isLost = losesOutput && losesErrors;
                bool isToBeSeenElsewhere = c.Program == Programs.Client || c.ExitCode != Exit.Success || !losesOutput;
                IEnumerable<string> all = [.. result.Output, .. result.Errors];
                if (!isLost && isToBeSeenElsewhere && c.Arguments[0] is not "completion")
                    Assert.Contains(all, l => l.Contains(c.Word, StringComparison.Ordinal));
                bool isTold = losesOutput && !losesErrors && c.ExitCode == Exit.Success;
                if (isTold) result.WithError($"{Path.GetFileName(c.Program)}: {CannotBeWritten}");
            }
            finally
            {
                atATime.Release();
            }
        }));
    }
}
