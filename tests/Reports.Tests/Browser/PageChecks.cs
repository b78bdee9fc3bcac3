using System.Globalization;
using System.Text.Json.Nodes;

namespace RawEcho.Reports.Tests.Browser;

/// <summary>A value that a chart shows: read back from where its line lies between the marks of the axes.</summary>
internal readonly record struct ShownPoint(double X, double Y);

/// <summary>What every page of a report has to keep, and how its charts are read.</summary>
internal static class PageChecks
{
    private const double TextContrast = 4.5;
    private const double LineContrast = 3;

    /// <summary>Nothing was fetched, nobody complained, and nothing is wider than the window.</summary>
    public static async Task IsSoundAsync(this BrowserPage page)
    {
        Assert.Single(page.Requests);
        Assert.StartsWith("file:", page.Requests.Single(), StringComparison.Ordinal);
        Assert.Empty(page.Complaints);
        foreach (int width in new[] { 320, 375, 768, 1280, 1920 })
        {
            await page.LookAsync(new PageView { Width = width });
            Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, width);
            // Not even what the page would scroll to: no text leaves the window but in a box that scrolls by itself.
            string[] outside = await page.EvaluateManyAsync<string>("""
                [...document.querySelectorAll("body *")]
                  .filter(e => !e.closest(".scroll") && e.getClientRects().length > 0)
                  .filter(e => e.getBoundingClientRect().right > innerWidth + 0.5 || e.getBoundingClientRect().left < -0.5)
                  .map(e => e.outerHTML.slice(0, 100))
                """);
            Assert.Empty(outside);
        }

        await page.LookAsync(new PageView());
    }

    /// <summary>Text and lines can be told from what is behind them (WCAG 2.2 AA).</summary>
    public static async Task IsReadableAsync(this BrowserPage page)
    {
        JsonArray pale = (await page.EvaluateAsync($$"""
            (() => {
              const numbers = c => c.match(/[\d.]+/g).map(Number);
              const light = c => {
                const [r, g, b] = numbers(c).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
              const behind = e => {
                for (; e; e = e.parentElement) {
                  const c = getComputedStyle(e).backgroundColor;
                  if (numbers(c)[3] !== 0) return c;
                }
                return "rgb(255, 255, 255)";
              };
              const hasText = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim() !== "");
              const texts = [...document.querySelectorAll("body *:not(script):not(title):not(desc)")].filter(hasText)
                .map(e => [e, contrast(getComputedStyle(e)[e.closest("svg") ? "fill" : "color"], behind(e)), {{Text(TextContrast)}}]);
              const lines = [...document.querySelectorAll("path.line")]
                .map(e => [e, contrast(getComputedStyle(e).stroke, behind(e)), {{Text(LineContrast)}}]);
              return [...texts, ...lines]
                .filter(([, seen, needed]) => !(seen >= needed))
                .map(([e, seen]) => `${seen.toFixed(2)}: ${e.outerHTML.slice(0, 100)}`);
            })()
            """)).AsArray();
        Assert.Empty(pale.Select(p => p!.GetValue<string>()));
    }

    /// <summary>The headings of the charts, from top to bottom.</summary>
    public static Task<string[]> ChartTitlesAsync(this BrowserPage page) =>
        page.EvaluateManyAsync<string>("[...document.querySelectorAll('figure.chart h3')].map(h => h.textContent)");

    /// <summary>The labels along an axis of a chart: x or y.</summary>
    public static Task<string[]> LabelsAsync(this BrowserPage page, string chart, string axis) =>
        page.EvaluateManyAsync<string>($"[...{Chart(chart)}.querySelectorAll('.{axis}-axis text')].map(t => t.textContent)");

    /// <summary>
    /// The values of a series as the picture has them: corners of the line in pixels of the screen, turned into values by the pixels
    /// and the labels of the axes' first and last marks. Both axes have to be linear. A gap comes as a point without numbers.
    /// </summary>
    public static async Task<IReadOnlyList<ShownPoint>> ShownAsync(this BrowserPage page, string chart, int series)
    {
        JsonArray shown = (await page.EvaluateAsync($$"""
            (() => {
              const figure = {{Chart(chart)}};
              const marks = axis => [...figure.querySelectorAll(`.${axis}-axis text`)].map(t => {
                const line = t.previousElementSibling.getBoundingClientRect();
                const pixel = axis === "x" ? (line.left + line.right) / 2 : (line.top + line.bottom) / 2;
                return [pixel, Number(t.textContent.replaceAll(",", ""))];
              });
              const reader = axis => {
                const m = marks(axis), [p, a] = m[0], [q, b] = m[m.length - 1];
                return pixel => a + (pixel - p) / (q - p) * (b - a);
              };
              const [readX, readY] = [reader("x"), reader("y")];
              const path = figure.querySelectorAll(".series")[{{series}}].querySelector(".line");
              const matrix = path.getScreenCTM();
              const points = [];
              for (const run of path.getAttribute("d").split("M").slice(1)) {
                if (points.length > 0) points.push(null);
                for (const corner of run.replace("h0", "").split("L")) {
                  const [x, y] = corner.split(" ").map(Number), p = new DOMPoint(x, y).matrixTransform(matrix);
                  points.push([readX(p.x), readY(p.y)]);
                }
              }
              return points;
            })()
            """)).AsArray();
        return [.. shown.Select(Read)];

        static ShownPoint Read(JsonNode? p) => p is null
            ? new ShownPoint(double.NaN, double.NaN)
            : new ShownPoint(p[0]!.GetValue<double>(), p[1]!.GetValue<double>());
    }

    /// <summary>The cells of the row with this name in the nth table, from 0.</summary>
    public static Task<string[]> RowAsync(this BrowserPage page, int table, string name)
    {
        string rows = $"[...document.querySelectorAll('table')[{table}].querySelectorAll('tbody tr')]";
        string row = $"{rows}.find(r => r.firstElementChild.textContent === '{name}')";
        return page.EvaluateManyAsync<string>($"[...{row}.querySelectorAll('td')].map(c => c.textContent)");
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A chart as a JavaScript expression.</summary>
    public static string Chart(string title) =>
        $"[...document.querySelectorAll('figure.chart')].find(f => f.querySelector('h3').textContent === '{title}')";
}
