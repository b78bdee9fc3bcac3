using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using RawEcho.Diagnostics.Proc;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Diagnostics.Tests;

/// <summary>Watching does not harm what is watched, and one process does not affect what is seen of another.</summary>
public sealed partial class HarmlessTests : IDisposable
{
    private const int Stop = 19, Go = 18;

    private readonly TempFolder _folder = new();

    public HarmlessTests() => Requires.Linux("it sends signals and looks into /proc");

    [Fact]
    public async Task What_a_recorded_program_leaves_behind_runs_on_and_so_it_does_when_the_tool_is_killed()
    {
        // A daemon: its parents end at once, before its runtime has begun.
        string daemon = $"setsid sh -c \"echo exit 0 | (sleep 2; cat) | dotnet '{Target.WorkAssembly}'\" >'{_folder["daemon"]}' 2>&1 &";
        await using (ProgramProcess tool = Tool.Start("record", "-o", _folder["a.jsonl"], "--quiet", "--", "sh", "-c", daemon))
            await tool.ExitAsync();
        await TimeLimit.Until(() => IsReady("daemon"), "the daemon runs");

        string late = $"echo $$ >'{_folder["shell"]}'; sleep 1; echo exit 0 | dotnet '{Target.WorkAssembly}' >'{_folder["late"]}' 2>&1";
        await using (ProgramProcess tool = Tool.Start("record", "-o", _folder["b.jsonl"], "--quiet", "--", "sh", "-c", late))
        {
            await TimeLimit.Until(() => File.Exists(_folder["shell"]), "the shell runs");
            tool.Kill();
            await TimeLimit.Until(() => IsReady("late"), "the program runs");
            await tool.ExitAsync();
        }
    }

    [Fact]
    public async Task A_program_that_ends_when_its_first_values_are_collected_ends()
    {
        // It lives for two seconds, and is attached to after one: its end meets the first collection.
        ProgramProcess[] tools =
        [
            .. Enumerable.Range(0, 8).Select(i => Tool.Start(
                "record", "-o", _folder[$"{i}.jsonl"], "--quiet", "--", "sh", "-c",
                $"(sleep 2.{i}; echo exit 0) | dotnet '{Target.WorkAssembly}'")),
        ];
        foreach (ProgramProcess tool in tools)
        {
            // What is tried here is that it ends. On a busy machine it may do so before it can be attached to: that has a code of its own.
            await using (tool) Assert.Contains((await tool.ExitAsync()).ExitCode, (int[])[0, DiagnosticsExitCode.NotDotNet]);
        }
    }

    [Fact]
    public async Task A_newcomer_that_does_not_answer_holds_up_no_samples()
    {
        await using ProgramProcess server = await Target.StartServerAsync(("TMPDIR", _folder.Path));
        await using ProgramProcess tool = Tool.StartIn(
            _folder.Path, "record", "-o", _folder["a.jsonl"], "--quiet", "--all", "--interval", "250ms");
        await TimeLimit.Until(() => Samples("a.jsonl") > 2, "samples");
        await using ProgramProcess frozen = await Target.StartServerAsync(("TMPDIR", _folder.Path));
        Native.Signal(frozen.Id, Stop);
        try
        {
            await Task.Delay(7000);
            double[] times = [.. RecordingReader.Read(_folder["a.jsonl"]).Samples.Where(s => s.Pid == server.Id).Select(s => s.Seconds)];
            Assert.InRange(times.Zip(times.Skip(1)).Max(t => t.Second - t.First), 0, 2);
        }
        finally
        {
            Native.Signal(frozen.Id, Go);
        }
    }

    [Fact]
    public async Task A_long_folder_of_sockets_in_another_namespace_leaves_the_list_whole()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && Programs.Unshare is not null, "Only root can make a namespace of mounts.");
        // In its own namespace a folder of a file system is mounted at a long path, on which only the process itself can see its socket.
        string folder = _folder[new string('t', 35)];
        Directory.CreateDirectory(folder);
        string script = $"mount -t tmpfs none '{folder}' && exec dotnet '{Target.WorkAssembly}'";
        await using var work = new ProgramProcess(
            Programs.Unshare!, ["--mount", "sh", "-c", script], new Dictionary<string, string> { ["TMPDIR"] = folder });
        await work.WaitForLineAsync("ready");
        await using ProgramProcess other = await Target.StartWorkAsync();
        ProgramResult result = (await Tool.RunAsync("ps")).EndedWith(0);
        // Both can be attached to.
        foreach (int pid in new[] { work.Id, other.Id })
            Assert.Contains(result.Output, l => l.StartsWith($"{pid} ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Characters_that_steer_a_terminal_do_not_reach_it()
    {
        string copy = _folder["e\u001b]0;title\u0007\u202e"];
        // With its mode.
        File.Copy("/bin/sleep", copy);
        using Process sleep = Process.Start(copy, "60");
        try
        {
            ProgramResult refused = (await Tool.RunAsync("watch", "--once", sleep.Id.ToString(CultureInfo.InvariantCulture))).EndedWith(4);
            Assert.DoesNotContain(string.Join('\n', refused.Errors), c => char.IsControl(c) && c != '\n' || c == '\u202e');
            Assert.DoesNotContain(ProcStat.Of(sleep.Id)!.Value.Name, char.IsControl);
        }
        finally
        {
            sleep.Kill();
        }
    }

    [Fact]
    public async Task Facts_about_the_machine_do_not_depend_on_the_limits_of_the_tool()
    {
        await using ProgramProcess work = await Target.StartWorkAsync();
        var limits = new Dictionary<string, string> { ["DOTNET_PROCESSOR_COUNT"] = "1", ["DOTNET_GCHeapHardLimit"] = "0x8000000" };
        string[] record = ["record", "-o", _folder["a.jsonl"], "--quiet", "--duration", "500ms", $"{work.Id}"];
        await using (var tool = new ProgramProcess(Programs.Diagnostics, record, limits)) (await tool.ExitAsync()).EndedWith(0);
        Machine machine = RecordingReader.Read(_folder["a.jsonl"]).Header.Machine!;
        Assert.Equal(MachineFacts.Count((await File.ReadAllTextAsync("/sys/devices/system/cpu/online")).Trim()), machine.Processors);
        string total = TotalMemory().Match(await File.ReadAllTextAsync("/proc/meminfo")).Groups[1].Value;
        Assert.Equal(long.Parse(total, CultureInfo.InvariantCulture) * 1024, machine.MemoryBytes);
    }

    [Fact]
    public async Task A_recording_that_is_there_is_replaced_by_force_alone()
    {
        await using ProgramProcess work = await Target.StartWorkAsync();
        string file = _folder.Write("a.jsonl", "precious");
        string[] record = ["record", "-o", file, "--quiet", "--duration", "300ms", $"{work.Id}"];
        (await Tool.RunAsync(record)).EndedWith(9).WithOneSentence("exists already", "--force");
        Assert.Equal("precious", await File.ReadAllTextAsync(file));
        (await Tool.RunAsync([.. record, "--force"])).EndedWith(0);
        Assert.NotEmpty(RecordingReader.Read(file).Samples);
    }

    [Fact]
    public async Task Without_a_name_one_server_is_taken_and_all_of_them_with_all()
    {
        await using ProgramProcess first = await Target.StartServerAsync(("TMPDIR", _folder.Path));
        await Task.Delay(50);
        await using ProgramProcess second = await Target.StartServerAsync(("TMPDIR", _folder.Path));
        string[] watch = ["watch", "--duration", "2s", "--interval", "500ms", "--group", "process"];
        await using (ProgramProcess tool = Tool.StartIn(_folder.Path, watch))
        {
            ProgramResult result = (await tool.ExitAsync()).EndedWith(0);
            Assert.Equal([$"{second.Id}"], result.Row("PID"));
            result.WithOutput("2 servers are running", "--all");
        }

        await using ProgramProcess all = Tool.StartIn(_folder.Path, [.. watch, "--all"]);
        Assert.Equal(
            new[] { $"{first.Id}", $"{second.Id}" }.Order(), (await all.ExitAsync()).EndedWith(0).Output
                .Last(l => l.Contains("  PID  ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Where(w => int.TryParse(w, CultureInfo.InvariantCulture, out _)).Order());
    }

    [Fact]
    public async Task Waiting_for_a_process_that_cannot_be_attached_to_ends_with_a_sentence()
    {
        (string, string)[] off = [("TMPDIR", _folder.Path), ("DOTNET_EnableDiagnostics", "0")];
        await using ProgramProcess server = await Target.StartServerAsync(off);
        await using ProgramProcess tool = Tool.StartIn(_folder.Path, "watch");
        ProgramResult result = await tool.ExitAsync();
        // A native process that opens no socket looks like any other program.
        if (Programs.IsNative) result.EndedWith(4).WithError($"Process {server.Id} (rawecho-server) runs no .NET that one can attach to.");
        else result.EndedWith(6).WithError($"Process {server.Id} was started with DOTNET_EnableDiagnostics=0");
    }

    public void Dispose() => _folder.Dispose();

    private bool IsReady(string name) =>
        File.Exists(_folder[name]) && File.ReadAllText(_folder[name]).Contains("ready", StringComparison.Ordinal);

    private int Samples(string name) =>
        File.Exists(_folder[name]) && new FileInfo(_folder[name]).Length > 0 ? RecordingReader.Read(_folder[name]).Samples.Count : 0;

    [GeneratedRegex(@"MemTotal:\s+(\d+) kB")]
    private static partial Regex TotalMemory();
}
