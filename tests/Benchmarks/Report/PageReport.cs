using System.Globalization;
using RawEcho.Benchmarks.Servers;
using RawEcho.Benchmarks.Work;
using RawEcho.Charts;
using RawEcho.Charts.Rendering;

namespace RawEcho.Benchmarks.Report;

/// <summary>Results as bench.html: a page of bars for those who look, with the tables behind them.</summary>
internal static class PageReport
{
    private const double Micro = 1e-6, Milli = 1e-3, Kilobyte = 1024, Megabyte = 1024 * 1024;

    // What a work item is about, and how its figure is counted in base units.
    private static readonly (Figure Figure, string What, Unit Unit, double Factor)[] Leading =
    [
        (Figure.Cpu, "CPU time", Unit.Seconds, Micro),
        (Figure.IdleMemory, "private memory per idle connection", Unit.Bytes, Kilobyte),
        (Figure.StartTime, "start-up to listening", Unit.Seconds, Milli),
    ];

    private static readonly string[] Ours = [EchoPeers.RawEcho, EchoPeers.Native, ClientWork.ClientRow, ClientWork.NativeRow];

    public static string Render(BenchRun run)
    {
        WorkResult[] measured = [.. run.Results.Where(r => r.Rows.Any(row => row.Values.Count > 0))];
        var sections = new List<PageSection>
        {
            new BarSection("What it costs, against what", [.. measured.Select(CostOf).OfType<BarChart>()]),
        };
        if (measured.FirstOrDefault(r => r.Item.Name == WorkCatalog.Small) is { } small)
        {
            sections.Add(new ChartSection("How long it takes", [LatencyOf(small)]));
            sections.Add(new BarSection("What it holds", [MemoryOf(small)]));
        }

        sections.AddRange(measured.Select(TableOf));
        sections.Add(new FactSection("The run", [new Fact("machine", $"{run.Machine}"), new Fact("command", run.Command)]));
        var page = new ReportPage
        {
            Title = "RawEcho: what it costs",
            Lead = "Servers in turn, a fresh one each time, under one load generator; medians. What counts is the ratio within one run.",
            Generator = "rawecho-bench",
            Written = DateTimeOffset.Now,
            Sections = sections,
        };
        return page.ToHtml();
    }

    private static BarChart? CostOf(WorkResult result)
    {
        foreach ((Figure figure, string what, Unit unit, double factor) in Leading)
        {
            if (result.Figures.Contains(figure))
            {
                string whose = result.Item.Name == WorkCatalog.Client ? "client" : "server";
                string per = figure == Figure.Cpu ? $"{what} of the {whose} per {result.Item.Unit}" : what;
                return BarsOf(result, $"{result.Item.Name}: {per}", result.Item.Title, figure, unit, factor);
            }
        }

        return null;
    }

    private static BarChart MemoryOf(WorkResult result) =>
        BarsOf(result, "private memory", result.Item.Title, Figure.PrivateMemory, Unit.Bytes, Megabyte);

    private static BarChart BarsOf(WorkResult result, string title, string note, Figure figure, Unit unit, double factor) => new()
    {
        Title = title,
        Note = note,
        Unit = unit,
        Bars =
        [
            .. result.Rows.Select(row => new Bar(
                row.Title,
                row.Spread(figure)?.Median * factor,
                result.Ratio(row, figure)?.ToString("0.00", CultureInfo.InvariantCulture),
                Ours.Contains(row.Name))),
        ],
    };

    private static Chart LatencyOf(WorkResult result) => new()
    {
        Title = "latency by percentile",
        Note = result.Item.Title,
        YName = "latency",
        YUnit = Unit.Seconds,
        X = XAxisKind.Percentile,
        MayBeLogarithmic = true,
        Series =
        [
            .. result.Rows.Select(row => new Series(
                row.Title, [Point(row, 50, Figure.P50), Point(row, 99, Figure.P99), Point(row, 99.9, Figure.P999)])),
        ],
    };

    private static DataPoint Point(ResultRow row, double percentile, Figure figure) => new(percentile, row.Spread(figure)?.Median * Micro);

    private static TableSection TableOf(WorkResult result)
    {
        List<string[]> lines = Table.Medians(result);
        IEnumerable<TableRow> rows = lines[1..].Select(line => new TableRow(line[0], [.. line[1..].Select(Cell.Of)]));
        return new TableSection($"{result.Item.Name}: {result.Item.Title}", lines[0][1..], [new TableGroup(null, [.. rows])]);
    }
}
