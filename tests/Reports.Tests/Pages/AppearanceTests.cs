using System.Text;
using RawEcho.Charts;
using RawEcho.Charts.Rendering;
using RawEcho.Client.Report;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Report;
using RawEcho.Reports.Tests.Browser;
using RawEcho.Testing;

namespace RawEcho.Reports.Tests.Pages;

/// <summary>What holds for every page: light, dark and print, the pointer and the keyboard, and text that would rather be code.</summary>
public sealed class AppearanceTests(Chromium browser) : IDisposable
{
    private const string Hostile = "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 2'>\u0001&amp;";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_readable_in_light_and_in_dark(bool dark)
    {
        foreach (ReportPage report in new[] { Recording(Samples.Recording()), RunReportPage.Of(Samples.Run(), Samples.Started) })
        {
            await using BrowserPage page = await OpenAsync(report, new PageView { IsDark = dark });
            await page.PictureAsync(
                $"{(report.Title.StartsWith("Load", StringComparison.Ordinal) ? "run" : "recording")}-{(dark ? "dark" : "light")}");
            Assert.Equal(
                Rgb(dark ? Palette.DarkPage : Palette.LightPage),
                await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
            Assert.Equal(
                Rgb((dark ? Palette.Dark : Palette.Light)[0]),
                await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('.series.s0 .line')).stroke"));
            await page.IsReadableAsync();
        }
    }

    [Fact]
    public async Task On_paper_it_is_light_whatever_the_screen_is()
    {
        await using BrowserPage page = await OpenAsync(
            Recording(Samples.Recording()), new PageView { Width = 700, Height = 1200, IsDark = true, IsPrint = true });
        await page.PictureAsync("recording-print", whole: false);
        Assert.Equal(Rgb(Palette.LightPage), await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        Assert.Equal(
            Rgb(Palette.Light[0]), await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('.series.s0 .line')).stroke"));
        await page.IsReadableAsync();
        Assert.Equal("%PDF", Encoding.ASCII.GetString(await page.PrintAsync(), 0, 4));
    }

    [Fact]
    public async Task The_pointer_and_the_arrow_keys_show_the_values_of_a_moment()
    {
        RecordingData recording = Samples.Recording();
        await using BrowserPage page = await OpenAsync(Recording(recording));
        double[] place = await page.EvaluateManyAsync<double>($$"""
            (() => { const plot = {{PageChecks.Chart("CPU")}}.querySelector(".plot"); plot.scrollIntoView({ block: "center" });
              const b = plot.getBoundingClientRect(); return [b.left, b.width, b.top + 60]; })()
            """);
        await page.PointAsync(place[0] + (place[1] * 15.1 / 30), place[2]);
        await page.PictureAsync("recording-pointer", whole: false);
        Assert.Equal(Tip(15), await TipAsync());

        await page.EvaluateAsync($"{PageChecks.Chart("CPU")}.querySelector('.plot').focus(), 1");
        await page.PressAsync("ArrowRight");
        await page.PressAsync("ArrowRight");
        // Server and client are sampled a moment apart, so it takes two steps to the next second.
        Assert.Equal(Tip(16), await TipAsync());
        await page.PressAsync("Escape");
        Assert.Equal(0, await page.EvaluateAsync<int>("document.querySelectorAll('.tip').length"));

        string[] Tip(int second) => [$"{second} s", "server (4711)", Cpu(4711, second), "client (4720)", Cpu(4720, second)];

        string Cpu(int pid, int second) =>
            Unit.Percent.Format(recording.Series(pid, "cpu.percent").Single(v => Math.Abs(v.Seconds - second) < 0.1).Value);

        Task<string[]> TipAsync() =>
            page.EvaluateManyAsync<string>("[...document.querySelectorAll('.tip b, .tip span span')].map(e => e.textContent)");
    }

    [Fact]
    public async Task The_script_writes_values_as_the_tables_do()
    {
        double[] values = [0, 1e-9, 8.7e-7, 0.0005345, 0.00439, 0.5, 1.25, 99.96, 1234.5];
        Unit[] units = [Unit.Seconds, Unit.Bytes, Unit.Percent, Unit.PerSecond, Unit.Count];
        Chart[] charts =
        [
            .. units.Select(u => new Chart { Title = u.Name, YName = "y", YUnit = u, Series = [new Series("s", PointsIn(u))] }),
        ];
        await using BrowserPage page = await OpenAsync(Page(new ChartSection(null, charts)));
        foreach (Unit unit in units)
        {
            await page.EvaluateAsync($"{PageChecks.Chart(unit.Name)}.querySelector('.plot').focus(), 1");
            foreach (double value in values)
            {
                await page.PressAsync("ArrowRight");
                Assert.Equal(
                    unit.Format(value * Scale(unit)),
                    await page.EvaluateAsync<string>("document.querySelector('.tip span span:last-child').textContent"));
            }
        }

        static double Scale(Unit unit) => unit == Unit.Bytes ? 4096 : 1;

        DataPoint[] PointsIn(Unit unit) => [.. values.Select((v, i) => new DataPoint(i, v * Scale(unit)))];
    }

    [Fact]
    public async Task Text_stays_text_wherever_it_comes_from()
    {
        RecordingData recording = Samples.Recording();
        recording = recording with
        {
            Processes = [.. recording.Processes.Select(p => p with { Name = Hostile, Description = Hostile, Role = null })],
            Events = [new RecordingEvent(3, 4711, EventKind.Warning, Hostile)],
        };
        await using BrowserPage page = await OpenAsync(Recording(recording));
        Assert.Equal(0, await page.EvaluateAsync<int>("document.images.length"));
        Assert.Equal("undefined", await page.EvaluateAsync<string>("typeof window.ran"));
        Assert.Equal(2, await page.EvaluateAsync<int>("document.scripts.length"));
        Assert.Contains(
            Hostile.Replace('\u0001', '\uFFFD'), await page.EvaluateAsync<string>("document.querySelector('ol.notes').textContent"),
            StringComparison.Ordinal);
        Assert.Equal(
            $"{Hostile} (4711)",
            await page.EvaluateAsync<string>("JSON.parse(document.getElementById('data').textContent).charts[0].series[0].name"));
        await page.IsSoundAsync();
    }

    [Fact]
    public async Task Nothing_but_its_own_script_would_run()
    {
        string file = _folder["report.html"];
        string html = Recording(Samples.Recording()).ToHtml();
        const string foreign = "</main><script>window.ran = 1</script><img src='http://127.0.0.1:9/x.png'>";
        await File.WriteAllTextAsync(file, html.Replace("</main>", foreign, StringComparison.Ordinal));
        await using BrowserPage page = await browser.OpenAsync(file);
        Assert.Equal("undefined", await page.EvaluateAsync<string>("typeof window.ran"));
        Assert.Equal(2, page.Complaints.Count(c => c.Contains("Content Security Policy", StringComparison.Ordinal)));
        Assert.Equal(10, await page.EvaluateAsync<int>("document.querySelectorAll('.plot[tabindex]').length"));
    }

    [Fact]
    public async Task Every_chart_is_told_in_words_to_those_who_do_not_see_it()
    {
        await using BrowserPage page = await OpenAsync(Recording(Samples.Recording()));
        (string Role, string Name, string Description)[] images = [.. (await page.AccessibleAsync()).Where(n => n.Role == "image")];
        Assert.Equal(await page.ChartTitlesAsync(), images.Select(i => i.Name));
        Assert.All(images, i => Assert.Matches(@"server \(4711\)(, [^:]+)?: from \S+", i.Description));
        Assert.Contains("It ended with exit code 0.", images[0].Description, StringComparison.Ordinal);
    }

    private static ReportPage Recording(RecordingData recording) =>
        RecordingPage.Of(recording, "rawecho-diagnostics 0.1.0", Samples.Started);

    private static ReportPage Page(PageSection section) =>
        new() { Title = "Test", Lead = "A test.", Generator = "tests", Written = Samples.Started, Sections = [section] };

    private static string Rgb(string hex) =>
        $"rgb({Convert.ToInt32(hex[1..3], 16)}, {Convert.ToInt32(hex[3..5], 16)}, {Convert.ToInt32(hex[5..7], 16)})";

    private Task<BrowserPage> OpenAsync(ReportPage report, PageView? view = null)
    {
        report.Save(_folder["report.html"]);
        return browser.OpenAsync(_folder["report.html"], view);
    }
}
