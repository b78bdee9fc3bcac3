using RawEcho.Charts;
using RawEcho.Charts.Rendering;
using RawEcho.Client.Load;
using RawEcho.Client.Report;
using RawEcho.Client.Results;
using RawEcho.Reports.Tests.Browser;
using RawEcho.Testing;

namespace RawEcho.Reports.Tests.Pages;

/// <summary>What the page of a load run shows in a browser.</summary>
public sealed class RunPageTests(Chromium browser) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_open_loop_shows_corrected_and_service_latency_apart()
    {
        await using BrowserPage page = await OpenAsync(Samples.Run());
        await page.PictureAsync("run-light");

        Assert.Equal(
            ["Throughput", "Corrected latency", "Errors", "Corrected and service latency by percentile"], await page.ChartTitlesAsync());
        Assert.Equal(["0", "2", "4", "6", "8", "10"], await page.LabelsAsync("Throughput", "x"));
        Assert.Equal(
            ["0 %", "50 %", "90 %", "99 %", "99.9 %", "99.99 %"],
            await page.LabelsAsync("Corrected and service latency by percentile", "x"));
        Assert.Equal(["1 ms", "10 ms", "100 ms", "1 s"], await page.LabelsAsync("Corrected and service latency by percentile", "y"));
        Assert.Equal(["983.00 ms", "3.18 ms"], await page.RowAsync(0, "p99"));
        Assert.Equal(["49,876", "4,988/s"], await page.RowAsync(1, "round trips"));
        Assert.Equal(["4,820", "482/s"], await page.RowAsync(1, "sent late"));
        Assert.Equal(
            ["Throughput", "Corrected latency p50", "Corrected latency p99", "Corrected latency max", "Sent late", "Errors"],
            await page.EvaluateManyAsync<string>("[...document.querySelectorAll('.headlines dt')].map(e => e.textContent)"));
        string text = await page.EvaluateAsync<string>("document.body.innerText");
        Assert.Contains("⚠ Failed: --fail-if 'p99>5ms', seen 991 ms.", text, StringComparison.Ordinal);
        Assert.Contains("2 × ConnectionLost. The first: 127.0.0.1:40312", text, StringComparison.Ordinal);
        Assert.Contains("messages in flight on a connection", text, StringComparison.Ordinal);
        await page.IsSoundAsync();
    }

    [Fact]
    public async Task The_rate_lies_where_the_seconds_have_it()
    {
        RunResult run = Samples.Run();
        await using BrowserPage page = await OpenAsync(run);
        IReadOnlyList<ShownPoint> shown = await page.ShownAsync("Throughput", 0);
        Assert.Equal(run.Series.Count, shown.Count);
        foreach ((SecondResult second, ShownPoint point) in run.Series.Zip(shown))
        {
            Assert.Equal(second.At, point.X, 0.05);
            Assert.Equal(second.RoundTripsPerSecond!.Value, point.Y, 100.0);
        }
    }

    [Fact]
    public async Task The_latency_curve_passes_through_the_percentiles_of_the_table()
    {
        RunResult run = Samples.Run();
        await using BrowserPage page = await OpenAsync(run);
        // On this axis each nine has the same room, and the latency axis is logarithmic: both are undone here, by the marks.
        double[] read = await page.EvaluateManyAsync<double>($$"""
            (() => {
              const f = {{PageChecks.Chart("Corrected and service latency by percentile")}};
              const middle = (e, axis) => {
                const b = e.getBoundingClientRect();
                return axis === "x" ? (b.left + b.right) / 2 : (b.top + b.bottom) / 2;
              };
              const at = (axis, label) =>
                  middle([...f.querySelectorAll(`.${axis}-axis text`)].find(t => t.textContent === label).previousElementSibling, axis);
              const path = f.querySelectorAll(".series")[0].querySelector(".line"), matrix = path.getScreenCTM();
              const points = path.getAttribute("d").slice(1).split("L").map(c => c.split(" ").map(Number))
                .map(([x, y]) => new DOMPoint(x, y).matrixTransform(matrix));
              return ["90 %", "99 %", "99.9 %"].map(label => {
                const x = at("x", label), p = points.reduce((a, b) => Math.abs(a.x - x) < Math.abs(b.x - x) ? a : b);
                if (Math.abs(p.x - x) > 1) throw new Error(`no point at ${label}`);
                return 10 ** (-3 + 3 * (p.y - at("y", "1 ms")) / (at("y", "1 s") - at("y", "1 ms")));
              });
            })()
            """);
        double[] table = [.. run.CorrectedLatency!.Percentiles.Where(p => p.Percent is 90 or 99 or 99.9).Select(p => p.Ns!.Value / 1e9)];
        for (int i = 0; i < table.Length; i++) Assert.Equal(table[i], read[i], table[i] * 0.05);
    }

    [Fact]
    public async Task A_merged_fleet_has_a_row_for_each_member_and_names_the_missing_and_the_slowest()
    {
        await using BrowserPage page = await OpenAsync(Samples.Fleet());
        Assert.Equal(["node1", "32", "2,500/s", "100 %", "1.00 ms", "2.00 ms", string.Empty], await page.RowAsync(2, "1"));
        Assert.Equal(["node3", "32", "1,250/s", "50.0 %", "80.00 ms", "–", "by p99, by rate"], await page.RowAsync(2, "3"));
        Assert.Equal(7, (await page.RowAsync(2, "2: missing")).Length);
        await page.IsSoundAsync();
    }

    [Fact]
    public async Task A_closed_loop_has_one_latency_and_says_what_it_hides()
    {
        await using BrowserPage page = await OpenAsync(Samples.ClosedLoop());
        Assert.Contains("Latency by percentile", await page.ChartTitlesAsync());
        string text = await page.EvaluateAsync<string>("document.body.innerText");
        Assert.DoesNotContain("orrected", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Conditions", text, StringComparison.Ordinal);
        Assert.Contains("A fixed rate (--rate) shows what they feel.", text, StringComparison.Ordinal);
        Assert.Equal(0, await page.EvaluateAsync<int>("document.querySelectorAll('.bad').length"));
    }

    [Fact]
    public async Task A_run_without_an_echo_shows_no_values_instead_of_zeros()
    {
        RunResult run = Samples.ClosedLoop() with
        {
            Seconds = 0,
            RoundTrips = 0,
            RoundTripsPerSecond = null,
            BytesSent = 0,
            BytesReceived = 0,
            ServiceLatency = LatencyResult.Of(new LatencyHistogram()),
            Series = [],
            Errors = [new ErrorResult("not connected", 64, "127.0.0.1:7443: connection refused.", 4)],
        };
        await using BrowserPage page = await OpenAsync(run);
        Assert.Equal(
            ["no values", "no values", "no values"],
            await page.EvaluateManyAsync<string>("[...document.querySelectorAll('.plot .empty')].map(e => e.textContent)"));
        Assert.Equal(["–"], await page.RowAsync(0, "p99"));
        Assert.Contains("⚠ 64", await page.EvaluateAsync<string>("document.body.innerText"), StringComparison.Ordinal);
        await page.IsSoundAsync();
    }

    private Task<BrowserPage> OpenAsync(RunResult run)
    {
        RunReportPage.Of(run, Samples.Started).Save(_folder["report.html"]);
        return browser.OpenAsync(_folder["report.html"]);
    }
}
