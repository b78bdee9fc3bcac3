using RawEcho.Charts.Rendering;
using RawEcho.Client.Compare;
using RawEcho.Client.Report;
using RawEcho.Client.Results;
using RawEcho.Reports.Tests.Browser;
using RawEcho.Testing;

namespace RawEcho.Reports.Tests.Pages;

/// <summary>What the page of a comparison shows in a browser.</summary>
public sealed class ComparisonPageTests(Chromium browser) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Runs_lie_over_one_another_in_every_chart()
    {
        ComparedResult old = File("old", 4, 1), now = File("new", 4, 0.5);
        Assert.True(ChangeCondition.TryParse("rps<-5%", out ChangeCondition condition));
        ComparisonResult result = new Comparison(0.05).Of([old, now], [condition]);
        await using BrowserPage page = await OpenAsync(result);
        await page.PictureAsync("comparison-light");
        Assert.Equal(
            ["Corrected latency by percentile", "Throughput", "Corrected latency, p50", "Corrected latency, p99"],
            await page.ChartTitlesAsync());
        string[] names = await page.EvaluateManyAsync<string>(
            $"[...{PageChecks.Chart("Throughput")}.querySelectorAll('.series')].map(e => e.dataset.name)");
        Assert.Equal(["old 1", "old 2", "old 3", "old 4", "new 1", "new 2", "new 3", "new 4"], names);
        IReadOnlyList<ShownPoint> shown = await page.ShownAsync("Throughput", 4);
        double[] rates = [.. now.Results[0].Series.Select(s => s.RoundTripsPerSecond!.Value)];
        Assert.Equal(rates, shown.Select(p => p.Y), (a, b) => Math.Abs(a - b) < 100);
        Assert.Equal(["5,000/s", "2,500/s", "-50.0 %", "worse, p 0.029"], await page.RowAsync(0, "rps"));
        Assert.Equal("the same", (await page.RowAsync(0, "mismatches"))[3]);
        string text = await page.EvaluateAsync<string>("document.body.innerText");
        Assert.Contains("⚠ Failed: --fail-if 'rps<-5%', seen -50.0 % (p 0.029).", text, StringComparison.Ordinal);
        Assert.Contains("Mann-Whitney U test", text, StringComparison.Ordinal);
        await page.IsSoundAsync();
        await page.LookAsync(new PageView { IsDark = true });
        await page.PictureAsync("comparison-dark");
        await page.IsReadableAsync();
    }

    [Fact]
    public async Task One_run_each_decides_nothing_on_the_page()
    {
        ComparisonResult result = new Comparison(0.05).Of([File("old", 1, 1), File("new", 1, 0.5)], []);
        await using BrowserPage page = await OpenAsync(result);
        // The stall is within either run: by its noise a rate of half is none.
        Assert.Equal("noise", (await page.RowAsync(0, "rps"))[3]);
        Assert.Equal("cannot be told", (await page.RowAsync(0, "late"))[3]);
        Assert.Contains("use --repeat 5", await page.EvaluateAsync<string>("document.body.innerText"), StringComparison.Ordinal);
        await page.IsSoundAsync();
    }

    [Fact]
    public async Task Many_runs_are_shown_by_the_one_in_their_middle()
    {
        ComparisonResult result = new Comparison(0.05).Of([File("old", 9, 1), File("new", 9, 0.5)], []);
        await using BrowserPage page = await OpenAsync(result);
        string[] names = await page.EvaluateManyAsync<string>(
            $"[...{PageChecks.Chart("Throughput")}.querySelectorAll('.series')].map(e => e.dataset.name)");
        Assert.Equal(["old", "new"], names);
        string text = await page.EvaluateAsync<string>("document.body.innerText");
        Assert.Contains("The charts show one run of each", text, StringComparison.Ordinal);
    }

    private static ComparedResult File(string name, int runs, double factor) => new($"{name}.json", name, runs, [])
    {
        Results = [.. Enumerable.Range(1, runs).Select(i => Run(factor * (1 + (i / 1000.0))))],
    };

    private static RunResult Run(double factor)
    {
        RunResult run = Samples.Run();
        return run with
        {
            RoundTripsPerSecond = run.RoundTripsPerSecond * factor,
            Series = [.. run.Series.Select(s => s with { RoundTripsPerSecond = s.RoundTripsPerSecond * factor })],
            Rate = run.Rate! with { Late = (long)(run.Rate.Late * factor) },
            Errors = [],
            ExitCode = 0,
        };
    }

    private Task<BrowserPage> OpenAsync(ComparisonResult result)
    {
        CompareReportPage.Of(result, Samples.Started).Save(_folder["report.html"]);
        return browser.OpenAsync(_folder["report.html"]);
    }
}
