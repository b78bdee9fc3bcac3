using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;
using RawEcho.Diagnostics.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Diagnostics.Tests;

/// <summary>What stands in the way of attaching: one sentence each, and an exit code of its own. The numbers are a promise.</summary>
public sealed class TrapTests
{
    public TrapTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux: it looks into /proc.");

    [Fact]
    public async Task No_such_process()
    {
        (await Tool.RunAsync("watch", "--once", "4194304")).EndedWith(3).WithOneSentence("no process 4194304");
        (await Tool.RunAsync("watch", "--once", "no-such-program")).EndedWith(3).WithOneSentence("'no-such-program'", "ps");
    }

    [Fact]
    public async Task No_dotnet_process()
    {
        using Process sleep = Process.Start("sleep", "60");
        try
        {
            ProgramResult refused = await Tool.RunAsync("watch", "--once", Text(sleep.Id));
            refused.EndedWith(4).WithOneSentence($"Process {sleep.Id} (sleep) runs no .NET");
        }
        finally
        {
            sleep.Kill();
        }
    }

    [Fact]
    public async Task Another_user()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only as root can a program be run as another user.");
        const string setpriv = "/usr/bin/setpriv";
        Assert.SkipUnless(File.Exists(setpriv), "There is no setpriv on this machine.");
        await using ProgramProcess work = await Target.StartWorkAsync();
        using var copy = new TempFolder();
        // Where the programs were built, others may have no way in.
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(Programs.Diagnostics)!, "*.*").Append(Programs.Diagnostics))
            File.Copy(file, copy[Path.GetFileName(file)], overwrite: true);
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode ownersAndReaders =
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            File.SetUnixFileMode(copy.Path, ownersAndReaders);
        }

        await using var tool = new ProgramProcess(
            setpriv,
            ["--reuid", "65534", "--regid", "65534", "--clear-groups", copy["rawecho-diagnostics"], "watch", "--once", Text(work.Id)]);
        ProgramResult result = await tool.ExitAsync();
        Assert.Equal(5, result.ExitCode);
        Assert.Contains($"Process {work.Id} belongs to root", Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diagnostics_switched_off()
    {
        await using ProgramProcess work = await Target.StartWorkAsync(("DOTNET_EnableDiagnostics", "0"));
        (await Tool.RunAsync("watch", "--once", Text(work.Id))).EndedWith(6).WithOneSentence("DOTNET_EnableDiagnostics=0");
        (await Tool.RunAsync("ps")).EndedWith(0).WithOutput($"Process {work.Id} was started with DOTNET_EnableDiagnostics=0");
    }

    [Fact]
    public async Task Another_temporary_folder_is_found_and_a_socket_that_is_not_there_is_told()
    {
        using var folder = new TempFolder();
        await using ProgramProcess work = await Target.StartWorkAsync(("TMPDIR", folder.Path));
        ProgramResult found = await Tool.RunAsync("watch", "--once", Text(work.Id), "--group", "threads");
        found.EndedWith(0);
        Assert.True(found.HasRow("pool threads"));
        File.Delete(Directory.GetFiles(folder.Path, "dotnet-diagnostic-*").Single());
        (await Tool.RunAsync("watch", "--once", Text(work.Id))).EndedWith(7).WithOneSentence("diagnostics socket is not in", folder.Path);
    }

    [Fact]
    public async Task A_process_that_does_not_answer()
    {
        const int stop = 19, go = 18;
        await using ProgramProcess work = await Target.StartWorkAsync();
        Native.Signal(work.Id, stop);
        try
        {
            (await Tool.RunAsync("watch", "--once", Text(work.Id))).EndedWith(8).WithOneSentence("does not answer", "stopped");
        }
        finally
        {
            Native.Signal(work.Id, go);
        }
    }

    [Theory]
    [InlineData(BrokenRuntime.ProcessInfo)]
    [InlineData(BrokenRuntime.EventPipe)]
    public async Task A_runtime_that_breaks_off_is_asked_again(byte commands)
    {
        using var folder = new TempFolder();
        await using ProgramProcess work = await StartSettledWorkAsync(folder);
        await using var broken = new BrokenRuntime(Directory.GetFiles(folder.Path, "dotnet-diagnostic-*").Single(), commands, 2);
        ProgramResult result = await Tool.RunAsync("watch", "--once", Text(work.Id), "--group", "threads");
        result.EndedWith(0);
        Assert.True(result.HasRow("pool threads"));
        Assert.True(broken.HasBroken);
    }

    [Theory]
    [InlineData(BrokenRuntime.ProcessInfo, "does not take connections on its diagnostics socket")]
    [InlineData(BrokenRuntime.EventPipe, "cannot be attached to")]
    public async Task A_runtime_that_always_breaks_off_is_told(byte commands, string problem)
    {
        using var folder = new TempFolder();
        await using ProgramProcess work = await StartSettledWorkAsync(folder);
        await using var broken = new BrokenRuntime(Directory.GetFiles(folder.Path, "dotnet-diagnostic-*").Single(), commands, int.MaxValue);
        (await Tool.RunAsync("watch", "--once", Text(work.Id)))
            .EndedWith(8).WithOneSentence($"Process {work.Id} {problem}");
    }

    [Theory]
    [InlineData(BrokenRuntime.ProcessInfo)]
    [InlineData(BrokenRuntime.EventPipe)]
    public async Task A_process_that_ends_while_it_is_asked_is_said_to_have_ended(byte commands)
    {
        using var folder = new TempFolder();
        await using ProgramProcess work = await StartSettledWorkAsync(folder);
        await using var broken = new BrokenRuntime(
            Directory.GetFiles(folder.Path, "dotnet-diagnostic-*").Single(), commands, int.MaxValue, () => _ = EndSoonAsync());
        (await Tool.RunAsync("watch", "--once", Text(work.Id))).EndedWith(3).WithOneSentence($"Process {work.Id} has just ended");

        // The kernel takes its time where there is much memory to take back.
        async Task EndSoonAsync()
        {
            await Task.Delay(100);
            Native.Signal(work.Id, 9);
        }
    }

    [Fact]
    public async Task Of_several_of_a_name_one_may_end_while_it_is_attached_to()
    {
        using var folder = new TempFolder();
        await using ProgramProcess stays = await Target.StartWorkAsync();
        await using ProgramProcess ends = await StartSettledWorkAsync(folder);
        await using var broken = new BrokenRuntime(
            Directory.GetFiles(folder.Path, "dotnet-diagnostic-*").Single(),
            BrokenRuntime.EventPipe,
            int.MaxValue,
            () => Native.Signal(ends.Id, 9));
        ProgramResult result = await Tool.RunAsync("watch", "--once", "diagnosed-work");
        result.EndedWith(0).WithOutput(Text(stays.Id));
        Assert.DoesNotContain(result.Output, l => l.Contains(Text(ends.Id), StringComparison.Ordinal));
        // Named by its number it is missed, also when it has a name that others have.
        await using ProgramProcess next = await StartSettledWorkAsync(folder);
        await using var brokenNext = new BrokenRuntime(
            Directory.GetFiles(folder.Path, $"dotnet-diagnostic-{next.Id}-*").Single(),
            BrokenRuntime.EventPipe,
            int.MaxValue,
            () => Native.Signal(next.Id, 9));
        (await Tool.RunAsync("watch", "--once", "diagnosed-work", Text(next.Id)))
            .EndedWith(3).WithOneSentence($"Process {next.Id} has just ended");
    }

    [Theory]
    [InlineData("watch", "--interval", "soon")]
    [InlineData("watch", "--interval", "1ms")]
    [InlineData("watch", "--group", "colours")]
    [InlineData("watch", "--max-series", "0")]
    [InlineData("watch", "--max-histograms", "many")]
    [InlineData("watch", "--meter", "Acme*")]
    [InlineData("watch", "--meter", "Acme[")]
    [InlineData("watch", "--counter", "System.Diagnostics.Metrics")]
    [InlineData("watch", "--unknown")]
    [InlineData("record", "-o", "recording.txt")]
    [InlineData("record")]
    [InlineData("record", "-o", "a.csv", "--")]
    [InlineData("fly")]
    public async Task What_cannot_be_is_told(params string[] arguments) =>
        (await Tool.RunAsync(arguments)).EndedWith(2).WithOneSentence("--help");

    [Fact]
    public async Task A_file_that_cannot_be_written()
    {
        await using ProgramProcess work = await Target.StartWorkAsync();
        (await Tool.RunAsync("record", "-o", "/no/such/folder/a.csv", Text(work.Id)))
            .EndedWith(9)
            .WithOneSentence("/no/such/folder/a.csv cannot be written");
    }

    [Fact]
    public async Task Another_tool_that_listens_with_other_settings_is_named_and_the_other_rows_are_there()
    {
        await using ProgramProcess server = await Target.StartServerAsync();
        await Task.Delay(1000);
        var provider = new EventPipeProvider("System.Diagnostics.Metrics", EventLevel.Informational, 2, new Dictionary<string, string>
        {
            ["SessionId"] = "SHARED",
            ["ClientId"] = "other",
            ["Metrics"] = "RawEcho.Server",
            ["RefreshInterval"] = "7",
            ["MaxTimeSeries"] = "1000",
            ["MaxHistograms"] = "10",
        });
        // Not on the test's own synchronisation context: the library blocks.
        var client = new DiagnosticsClient(server.Id);
        using EventPipeSession other = await Task.Run(() => client.StartEventPipeSession([provider], requestRundown: false)).WithinLimit();
        Task reading = other.EventStream.CopyToAsync(Stream.Null);
        ProgramResult result = await Tool.RunAsync(
            "watch", Text(server.Id), "--duration", "3s", "--interval", "500ms", "--meter", "System.Runtime[dotnet.exceptions]");
        // Whether there is such an instrument cannot be seen now.
        Assert.DoesNotContain(result.Output, l => l.Contains("was seen", StringComparison.Ordinal));
        result.EndedWith(0).WithOutput("Another tool watches the metrics of this process with other settings", "interval 7 s");
        Assert.True(result.HasRow("OS threads"));
        Assert.True(result.HasRow("pool threads"));
        Assert.False(result.HasRow("pooled args in use"));
        await Task.Run(other.Stop).WithinLimit();
        await reading.WithinLimit();
    }

    [Fact]
    public async Task More_series_than_the_session_allows_is_told()
    {
        await using ProgramProcess server = await Target.StartServerAsync();
        string[] watch = ["watch", Text(server.Id), "--duration", "3s", "--interval", "500ms", "--max-series", "2"];
        ProgramResult result = await Tool.RunAsync(watch);
        result.EndedWith(0).WithOutput("As many time series as the session allows, or more (--max-series)");
    }

    [Fact]
    public async Task A_process_that_ends_is_told_and_the_others_go_on()
    {
        await using ProgramProcess one = await Target.StartWorkAsync();
        await using ProgramProcess two = await Target.StartWorkAsync();
        await using ProgramProcess tool = Tool.Start("watch", Text(one.Id), Text(two.Id), "--interval", "250ms", "--group", "threads");
        await tool.WaitForLineAsync("pool threads");
        one.Kill();
        await tool.WaitForLineAsync($"diagnosed-work ({one.Id}) has ended.");
        int rows = tool.Lines.Count;
        await TimeLimit.Until(() => tool.Lines.Skip(rows).Any(l => l.Contains("pool threads", StringComparison.Ordinal)), "more rows");
        Assert.Contains(
            "  -  ", tool.Lines.Skip(rows).First(l => l.Contains("OS threads", StringComparison.Ordinal)), StringComparison.Ordinal);
        two.CloseInput();
        (await tool.ExitAsync()).EndedWith(0).WithOutput($"diagnosed-work ({two.Id}) has ended.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_watched_process_is_not_disturbed_when_the_tool_ends_or_is_killed(bool inOrder)
    {
        const int terminate = 15, kill = 9;
        await using ProgramProcess work = await Target.StartWorkAsync();
        await using (ProgramProcess tool = Tool.Start("watch", Text(work.Id), "--interval", "250ms", "--group", "threads"))
        {
            await tool.WaitForLineAsync("pool threads");
            Native.Signal(tool.Id, inOrder ? terminate : kill);
            ProgramResult result = await tool.ExitAsync();
            if (inOrder) result.EndedWith(0).WithOutput("Averages over ");
        }

        await work.DoAsync("allocate 50");
        await work.DoAsync("collect 3");
        // What the dead tool asked for is no obstacle to the next one.
        ProgramResult again = await Tool.RunAsync("watch", "--once", Text(work.Id), "--group", "threads");
        Assert.True(again.EndedWith(0).HasRow("pool threads"));
        Assert.False(work.HasExited);
    }

    // Of a program in its first second the events are begun later.
    private static async Task<ProgramProcess> StartSettledWorkAsync(TempFolder folder)
    {
        ProgramProcess work = await Target.StartWorkAsync(("TMPDIR", folder.Path));
        await Task.Delay(1200);
        return work;
    }

    private static string Text(int pid) => pid.ToString(CultureInfo.InvariantCulture);
}
