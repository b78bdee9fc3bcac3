using System.Globalization;
using System.Runtime.InteropServices;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.Diagnostics.Tests;

/// <summary>What becomes of watch and record when their output or their terminal fails them.</summary>
public sealed class OutputTests : IDisposable
{
    private const int OutputLost = 13, FileLost = 9;

    private readonly TempFolder _folder = new();

    public OutputTests() => Requires.Linux("/dev/full, prlimit");

    [Fact]
    public async Task Watch_ends_quietly_when_its_reader_has_seen_enough()
    {
        await using ProgramProcess work = await Target.StartWorkAsync();
        string[] watch = [Programs.Diagnostics, "watch", Text(work.Id), "--interval", "250ms"];
        await using var shell = new ProgramProcess(Programs.Bash!, ["-c", "\"$@\" | head -3; exit ${PIPESTATUS[0]}", "bash", .. watch]);
        ProgramResult result = (await shell.ExitAsync()).EndedWith(OutputLost);
        Assert.Equal(3, result.Output.Count);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task Watch_ends_when_its_reader_is_gone_although_it_has_nothing_to_write()
    {
        // In a temporary folder of its own this tool sees nobody else's.
        var environment = new Dictionary<string, string> { ["TMPDIR"] = _folder.Path };
        string[] watch = [Programs.Diagnostics, "watch"];
        await using var shell = new ProgramProcess(Programs.Bash!, ["-c", "\"$@\" | true", "bash", .. watch], environment);
        (await shell.ExitAsync()).EndedWith(0);
    }

    [Fact]
    public async Task Watch_and_the_summary_of_record_survive_a_full_output()
    {
        await using ProgramProcess work = await Target.StartWorkAsync();
        string file = _folder["a.jsonl"];
        string[] watch = ["watch", Text(work.Id), "--once"];
        string[] record = ["record", "-o", file, "--duration", "1500ms", "--interval", "250ms", Text(work.Id)];
        foreach (string[] command in new[] { watch, record })
        {
            await using ProgramProcess tool = Shell.Start(">/dev/full", Programs.Diagnostics, command);
            const string sentence = "rawecho-diagnostics: standard output cannot be written: No space left on device.";
            (await tool.ExitAsync()).EndedWith(OutputLost).WithError(sentence);
        }

        Assert.NotEmpty(RecordingReader.Read(file).Samples);
    }

    [Theory]
    [InlineData("watch")]
    [InlineData("record")]
    public async Task A_session_that_drops_ends_it_in_order(string command)
    {
        Requires.HangUp();
        await using ProgramProcess work = await Target.StartWorkAsync();
        string file = _folder["a.jsonl"];
        string[] options = command == "record" ? ["-o", file] : ["--group", "threads"];
        await using ProgramProcess tool = Tool.Start([command, .. options, "--interval", "250ms", Text(work.Id)]);
        if (command == "watch") await tool.WaitForLineAsync("OS threads");
        else await WaitForSampleAsync(file);
        // A terminal that goes away sends several, and whoever ends the session may send SIGTERM behind them.
        foreach (PosixSignal signal in new[] { PosixSignal.SIGHUP, PosixSignal.SIGHUP, PosixSignal.SIGTERM })
        {
            if (!tool.HasExited) tool.Signal(signal);
        }

        (await tool.ExitAsync()).EndedWith(0).WithOutput("Averages over ");
        if (command == "record") Assert.NotEmpty(RecordingReader.Read(file).Samples);
    }

    [Theory]
    [InlineData(true, 0, 0)]
    [InlineData(true, 7, 7)]
    [InlineData(false, 0, FileLost)]
    [InlineData(false, 7, 7)]
    public async Task A_full_disk_ends_neither_recording_nor_program(bool forAMoment, int programEndsWith, int exitCode)
    {
        const ulong room = 100;
        string file = _folder["a.jsonl"];
        await using ProgramProcess tool = Shell.StartWithLimitedFiles(
            string.Empty, Programs.Diagnostics, "record", "-o", file, "--interval", "250ms", "--", "dotnet", Target.WorkAssembly);
        await tool.WaitForLineAsync("ready");
        await WaitForSampleAsync(file);
        ResourceLimit.SetFileSize(tool.Id, (ulong)new FileInfo(file).Length + room);
        await tool.WaitForLineAsync($"rawecho-diagnostics: {file} cannot be written for now: ");
        if (forAMoment) ResourceLimit.SetFileSize(tool.Id, soft: null);
        await tool.TypeAsync(string.Create(CultureInfo.InvariantCulture, $"die {programEndsWith}"));
        ProgramResult result = (await tool.ExitAsync()).EndedWith(exitCode).WithOutput("Averages over ");
        if (forAMoment) result.WithError($" samples in {file}.");
        else result.WithError($"{file} lacks ", " lines: it could not be written.");
        // Nothing is cut in the middle, and with room again nothing is missing.
        RecordingData recording = RecordingReader.Read(file);
        Assert.EndsWith("}\n", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Assert.NotEmpty(recording.Samples);
        if (forAMoment) Assert.Contains(recording.Events, e => e.Kind == EventKind.Ended);
    }

    public void Dispose() => _folder.Dispose();

    private static Task WaitForSampleAsync(string file) => TimeLimit.Until(
        () => File.Exists(file) && File.ReadLines(file).Any(l => l.Contains("\"sample\"", StringComparison.Ordinal)), "a sample");

    private static string Text(int pid) => pid.ToString(CultureInfo.InvariantCulture);
}
