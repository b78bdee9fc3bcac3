using RawEcho.Charts;
using RawEcho.Diagnostics.Report;
using RawEcho.Reports.Tests.Browser;
using RawEcho.Testing;

namespace RawEcho.Reports.Tests;

/// <summary>What the page of a recording shows in a browser.</summary>
public sealed class RecordingPageTests(Chromium browser) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pictures()
    {
        string file = _folder["r.html"];
        RecordingPage.Of(Samples.Recording(), "rawecho-diagnostics 0.1.0", Samples.Started).Save(file);
        await using BrowserPage page = await browser.OpenAsync(file);
        await page.PictureAsync("recording-light");
        await page.LookAsync(new PageView { IsDark = true });
        await page.PictureAsync("recording-dark");
        await page.LookAsync(new PageView { Width = 375, Height = 1400 });
        await page.PictureAsync("recording-phone", whole: false);
        await page.LookAsync(new PageView { Width = 700, Height = 1200, IsPrint = true, IsDark = true });
        await page.PictureAsync("recording-print", whole: false);
        await page.LookAsync(new PageView());
        await page.EvaluateAsync("document.querySelector('#chart-2').scrollIntoView(), 1");
        double y = await page.EvaluateAsync<double>("document.querySelector('#chart-2 .plot').getBoundingClientRect().top + 80");
        double x = await page.EvaluateAsync<double>("document.querySelector('#chart-2 .plot').getBoundingClientRect().left + 240");
        await page.PointAsync(x, y);
        await page.PictureAsync("recording-hover", whole: false);
        Assert.Empty(page.Complaints);
        RawEcho.Client.Report.RunReportPage.Of(Samples.Run(), Samples.Started).Save(file);
        await using BrowserPage run = await browser.OpenAsync(file);
        await run.PictureAsync("run-light");
        await run.LookAsync(new PageView { IsDark = true });
        await run.PictureAsync("run-dark");
    }
}
