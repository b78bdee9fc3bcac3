using System.Diagnostics;
using RawEcho.Diagnostics;
using RawEcho.Diagnostics.Recording;
using RawEcho.Reports.Tests.Browser;
using RawEcho.Reports.Tests.Pages;
using RawEcho.Terminal;
using RawEcho.Testing;

namespace RawEcho.Reports.Tests;

/// <summary>rawecho-diagnostics report as a user runs it.</summary>
public sealed class ReportCommandTests(Chromium browser) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("run.jsonl")]
    [InlineData("run.csv")]
    public async Task A_recording_of_either_form_becomes_a_page_beside_it(string name)
    {
        string file = Record(name, Samples.Recording());
        Run run = await RunAsync("report", file);
        Assert.Equal(
            (0, "", $"Wrote {_folder["run.html"]}: 2 processes, {Samples.Recording().Samples.Count} samples."),
            (run.ExitCode, run.Error, run.Output.Trim()));
        await using BrowserPage page = await browser.OpenAsync(_folder["run.html"]);
        Assert.Equal(10, (await page.ChartTitlesAsync()).Length);
        Assert.Equal(["17", "17", "1.00"], await page.RowAsync(0, "OS threads, largest"));
        await page.IsSoundAsync();
    }

    [Fact]
    public async Task The_page_goes_where_it_is_told_to()
    {
        string file = Record("run.jsonl", Samples.Recording());
        Assert.Equal(0, (await RunAsync("report", file, "-o", _folder["page.html"])).ExitCode);
        Assert.False(File.Exists(_folder["run.html"]));

        Run piped = await RunAsync("report", file, "--output", "-");
        Assert.Equal((0, ""), (piped.ExitCode, piped.Error));
        Assert.StartsWith("<!DOCTYPE html>", piped.Output, StringComparison.Ordinal);
        Assert.EndsWith("</html>", piped.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("“–”", piped.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run.jsonl")]
    [InlineData("run.csv")]
    public async Task A_recording_that_was_cut_off_is_shown_as_far_as_it_goes_with_a_note(string name)
    {
        string file = Record(name, Samples.Recording());
        byte[] whole = await File.ReadAllBytesAsync(file);
        int line = (await File.ReadAllLinesAsync(file)).Length;
        await File.WriteAllBytesAsync(file, whole[..^10]);
        string note = $"The recording ends in the middle of line {line} (it was cut off, or is still being written): "
            + "this line was left out, everything before it was read.";

        Run run = await RunAsync("report", file);
        Assert.Equal((0, note), (run.ExitCode, run.Error.TrimEnd()));
        Assert.Equal($"Wrote {_folder["run.html"]}: 2 processes, {Samples.Recording().Samples.Count} samples.", run.Output.Trim());
        Assert.Contains($"<li>{note}</li>", await File.ReadAllTextAsync(_folder["run.html"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run.jsonl")]
    [InlineData("run.csv")]
    public async Task A_line_in_the_middle_that_was_cut_off_is_an_error_that_names_it(string name)
    {
        string file = Record(name, Samples.Recording());
        string[] lines = await File.ReadAllLinesAsync(file);
        lines[6] = lines[6][..^5];
        await File.WriteAllLinesAsync(file, lines);
        await RefusesAsync(
            DiagnosticsExitCode.NotARecording, $"{file} is no recording of this program: Line 7 is not of a recording: ", "report", file);
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_in_one_sentence_with_its_own_exit_code()
    {
        string good = Record("good.jsonl", Samples.Recording());
        string empty = Record("empty.jsonl", Samples.Recording() with { Samples = [], Events = [] });
        string nothing = _folder.Write("nothing.jsonl", "");
        string other = _folder.Write("other.csv", "a,b\n1,2\n");
        string json = _folder.Write("other.json", "{\"type\":\"header\",\"schema\":\"something\",\"version\":1}\n");
        string missing = _folder["missing.jsonl"];
        const string sample = """{"type":"sample","t":1,"pid":7,"values":{"cpu.percent":1,"cpu.percent":2}}""";
        string twice = _folder.Write("twice.jsonl", await File.ReadAllTextAsync(good) + sample + "\n");
        string steering = _folder.Write("steering.csv", "time,seconds (s),pid,tagged\n2026-01-01T00:00:00Z,1,1,\"\u001b[2J\nforged\"\n");

        await RefusesAsync(DiagnosticsExitCode.File, $"There is no file {missing}.", "report", missing);
        await RefusesAsync(DiagnosticsExitCode.File, $"{_folder.Path} cannot be read", "report", _folder.Path);
        await RefusesAsync(
            DiagnosticsExitCode.NotARecording, $"{nothing} is no recording of this program: It is empty.", "report", nothing);
        await RefusesAsync(DiagnosticsExitCode.NotARecording, $"{other} is no recording of this program", "report", other);
        await RefusesAsync(DiagnosticsExitCode.NotARecording, "Its schema is not rawecho-recording.", "report", json);
        await RefusesAsync(DiagnosticsExitCode.NotARecording, "'cpu.percent' stands there twice.", "report", twice);
        await RefusesAsync(DiagnosticsExitCode.NotARecording, "'?[2J?forged' is no value.", "report", steering);
        await RefusesAsync(DiagnosticsExitCode.EmptyRecording, $"{empty} holds no samples: there is nothing to show.", "report", empty);
        await RefusesAsync(
            DiagnosticsExitCode.Report, "The page cannot be written: ", "report", good, "-o", _folder["no/such/folder.html"]);
        await RefusesAsync(DiagnosticsExitCode.Report, "The page cannot be written: ", "report", good, "-o", _folder.Path);
        await RefusesAsync(CommonExitCode.Usage, "The page would overwrite the recording", "report", good, "-o", good);
        await RefusesAsync(CommonExitCode.Usage, "Try 'rawecho-diagnostics report --help'.", "report");
        await RefusesAsync(CommonExitCode.Usage, "report takes the name of a recording, not ''", "report", "");
        Assert.StartsWith("{\"type\":\"header\"", await File.ReadAllTextAsync(good), StringComparison.Ordinal);
    }

    private static async Task RefusesAsync(int exitCode, string part, params string[] args)
    {
        Run run = await RunAsync(args);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
        Assert.Contains(part, run.Error, StringComparison.Ordinal);
        Assert.StartsWith("rawecho-diagnostics: ", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    private static async Task<Run> RunAsync(params string[] args)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "rawecho-diagnostics.dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WithinLimit();
            return new Run(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private string Record(string name, RecordingData recording)
    {
        using RecordingWriter writer = RecordingWriter.Create(_folder[name]);
        writer.Write(recording.Header);
        foreach (ProcessDescription process in recording.Processes) writer.Write(process);
        foreach (Sample sample in recording.Samples) writer.Write(sample);
        foreach (RecordingEvent happened in recording.Events) writer.Write(happened);
        return _folder[name];
    }

    private sealed record Run(int ExitCode, string Output, string Error);
}
