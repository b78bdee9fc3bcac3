using System.Text.Json.Nodes;
using RawEcho.Charts;
using RawEcho.Charts.Rendering;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Report;
using RawEcho.Diagnostics.Rows;
using RawEcho.Reports.Tests.Browser;
using RawEcho.Testing;

namespace RawEcho.Reports.Tests.Pages;

/// <summary>What the page of a recording shows in a browser.</summary>
public sealed class RecordingPageTests(Chromium browser) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_shows_a_chart_for_each_thing_over_time_with_axes_and_a_legend()
    {
        await using BrowserPage page = await OpenAsync(Samples.Recording());
        await page.PictureAsync("recording-light");

        Assert.Equal("rawecho-server and rawecho-client", await page.EvaluateAsync<string>("document.title"));
        Assert.Equal(
            [
                "Throughput", "CPU", "Memory", "Threads", "GC pauses", "Time in GC pauses", "Allocation", "Latency", "Connections",
                "Handshakes",
            ],
            await page.ChartTitlesAsync());
        foreach (string chart in await page.ChartTitlesAsync())
        {
            Assert.Equal(["0", "5", "10", "15", "20", "25", "30"], await page.LabelsAsync(chart, "x"));
            Assert.Equal(
                "time since the start in s",
                await page.EvaluateAsync<string>($"{PageChecks.Chart(chart)}.querySelector('.x-title').textContent"));
            Assert.InRange((await page.LabelsAsync(chart, "y")).Length, 2, 9);
        }

        Assert.Equal(["0", "20", "40", "60", "80", "100", "120"], await page.LabelsAsync("CPU", "y"));
        Assert.Equal("% of one core", await page.EvaluateAsync<string>($"{PageChecks.Chart("CPU")}.querySelector('.y-title').textContent"));
        Assert.Equal(
            "memory in MB", await page.EvaluateAsync<string>($"{PageChecks.Chart("Memory")}.querySelector('.y-title').textContent"));
        Assert.Equal(
            ["server (4711)", "client (4720)"],
            await page.EvaluateManyAsync<string>(
                $"[...{PageChecks.Chart("CPU")}.querySelectorAll('.legend li')].map(l => l.textContent.trim())"));
        await page.IsSoundAsync();
    }

    [Theory]
    [InlineData("Throughput", "echo.roundtrips.rate", 1)]
    [InlineData("CPU", "cpu.percent", 1)]
    [InlineData("Allocation", "gc.allocated.rate", 1024)]
    public async Task A_line_lies_where_the_recording_has_its_values(string chart, string row, double unit)
    {
        RecordingData recording = Samples.Recording();
        await using BrowserPage page = await OpenAsync(recording);
        double top = double.Parse(
            (await page.LabelsAsync(chart, "y"))[^1].Replace(",", "", StringComparison.Ordinal),
            System.Globalization.CultureInfo.InvariantCulture);
        foreach (int process in new[] { 0, 1 })
        {
            (double Seconds, double Value)[] recorded = [.. recording.Series(recording.Processes[process].Pid, row)];
            ShownPoint[] shown = [.. (await page.ShownAsync(chart, process)).Where(p => !double.IsNaN(p.X))];

            Assert.Equal(recorded.Length, shown.Length);
            for (int i = 0; i < recorded.Length; i++)
            {
                Assert.Equal(recorded[i].Seconds, shown[i].X, 0.1);
                Assert.Equal(recorded[i].Value / unit, shown[i].Y, top * 0.01);
            }
        }
    }

    [Fact]
    public async Task Where_a_value_is_absent_the_line_has_a_gap_and_the_table_a_dash()
    {
        RecordingData recording = Samples.Recording();
        ProcessDescription foreign = new() { Pid = 99, Name = "Shop", Description = "Shop" };
        recording = recording with
        {
            Processes = [.. recording.Processes, foreign],
            Samples =
            [
                .. recording.Samples,
                .. Enumerable.Range(1, 30)
                    .Where(s => s is < 12 or > 17)
                    .Select(s => new Sample(s, 99, new Dictionary<string, double> { [MetricCatalog.Cpu.Name] = 7 })),
            ],
        };
        await using BrowserPage page = await OpenAsync(recording);

        IReadOnlyList<ShownPoint> allocation = await page.ShownAsync("Allocation", 0);
        Assert.Equal(9, allocation.TakeWhile(p => !double.IsNaN(p.X)).Count());
        Assert.Equal(15, allocation.SkipWhile(p => !double.IsNaN(p.X)).First(p => !double.IsNaN(p.X)).X, 0.1);

        // Samples that are missing altogether leave a gap too.
        IReadOnlyList<ShownPoint> cpu = await page.ShownAsync("CPU", 2);
        Assert.Equal(11, cpu.TakeWhile(p => !double.IsNaN(p.X)).Last().X, 0.1);
        Assert.Equal(18, cpu.SkipWhile(p => !double.IsNaN(p.X)).First(p => !double.IsNaN(p.X)).X, 0.1);

        string[] pauses = await page.RowAsync(0, "longest pause, largest");
        Assert.Equal(3, pauses.Length);
        Assert.Equal("–", pauses[2]);
        Assert.DoesNotContain("–", pauses[..2]);
    }

    [Fact]
    public async Task The_comparison_begins_as_process_explorer_does_and_its_figures_are_those_of_the_recording()
    {
        RecordingData recording = Samples.Recording();
        await using BrowserPage page = await OpenAsync(recording);

        Assert.Equal(
            [
                "CPU, of one core, mean", "private (anonymous + swap), mean", "working set, mean", "PID", "description",
                "OS threads, largest",
            ],
            (await page.EvaluateManyAsync<string>(
                "[...document.querySelector('table').querySelectorAll('tbody th')].map(h => h.textContent)")).Take(6));
        double server = recording.Series(4711, "cpu.percent").Average(v => v.Value);
        double client = recording.Series(4720, "cpu.percent").Average(v => v.Value);
        Assert.Equal(
            [Unit.Percent.Format(server), Unit.Percent.Format(client), $"{client / server:0.00}"],
            await page.RowAsync(0, "CPU, of one core, mean"));
        Assert.Equal(["4711", "4720", ""], await page.RowAsync(0, "PID"));
        Assert.Equal(["17", "17", "1.00"], await page.RowAsync(0, "OS threads, largest"));
    }

    [Fact]
    public async Task What_happened_is_marked_in_the_charts_and_told_below()
    {
        await using BrowserPage page = await OpenAsync(Samples.Recording());
        Assert.Equal(
            "At 26.4 s, client (4720): It ended with exit code 0.",
            await page.EvaluateAsync<string>("document.querySelector('ol.notes li').textContent"));
        double[] place = await page.EvaluateManyAsync<double>($$"""
            (() => { const f = {{PageChecks.Chart("CPU")}}, axis = f.querySelectorAll(".x-axis line");
              const x = e => e.getBoundingClientRect().left;
              return [x(f.querySelector(".marker line")), x(axis[0]), x(axis[axis.length - 1])]; })()
            """);
        Assert.Equal(26.4, 30 * (place[0] - place[1]) / (place[2] - place[1]), 0.1);
        Assert.Equal("1", await page.EvaluateAsync<string>($"{PageChecks.Chart("CPU")}.querySelector('.marker text').textContent"));
    }

    [Fact]
    public async Task The_page_carries_the_recording_as_data()
    {
        RecordingData recording = Samples.Recording();
        await using BrowserPage page = await OpenAsync(recording);
        JsonNode data = await page.EvaluateAsync("JSON.parse(document.getElementById('data').textContent)");

        Assert.Equal("rawecho-report", data["schema"]!.GetValue<string>());
        JsonNode cpu = data["charts"]!.AsArray().Single(c => c!["title"]!.GetValue<string>() == "CPU")!;
        Assert.Equal("percent", cpu["y"]!["unit"]!.GetValue<string>());
        Assert.Equal(
            recording.Series(4711, "cpu.percent").Select(v => v.Value),
            cpu["series"]![0]!["y"]!.AsArray().Select(v => v!.GetValue<double>()));
        Assert.Equal(10, data["charts"]!.AsArray().Count(c => c!["series"]!.AsArray().Count > 0));
        JsonNode row = data["tables"]![0]!["rows"]!.AsArray().Single(r => r!["name"]!.GetValue<string>() == "OS threads, largest")!;
        Assert.Equal(17, row["values"]![0]!.GetValue<double>());
    }

    [Fact]
    public async Task A_foreign_process_shows_all_but_what_it_does_not_have()
    {
        RecordingData recording = Samples.Recording() with
        {
            Header = Samples.Recording().Header with { Machine = null, Interval = TimeSpan.Zero },
            Processes = [new() { Pid = 99, Name = "Shop", Description = "Shop" }],
            Samples = [.. Enumerable.Range(0, 5).Select(Receiving)],
            Events = [],
        };
        await using BrowserPage page = await OpenAsync(recording);
        Assert.Equal(["Throughput", "CPU"], await page.ChartTitlesAsync());
        Assert.Equal(
            "bytes per second in KB/s",
            await page.EvaluateAsync<string>($"{PageChecks.Chart("Throughput")}.querySelector('.y-title').textContent"));
        Assert.Contains("left out: Memory, Threads", await page.EvaluateAsync<string>("document.body.innerText"), StringComparison.Ordinal);
        await page.IsSoundAsync();

        static Sample Receiving(int second) => new(
            second, 99, new Dictionary<string, double> { [MetricCatalog.Cpu.Name] = second, [MetricCatalog.Received.Name] = 2048 });
    }

    private Task<BrowserPage> OpenAsync(RecordingData recording)
    {
        RecordingPage.Of(recording, "rawecho-diagnostics 0.1.0", Samples.Started).Save(_folder["report.html"]);
        return browser.OpenAsync(_folder["report.html"]);
    }
}
