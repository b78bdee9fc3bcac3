using System.Globalization;
using RawEcho.Charts;
using RawEcho.Diagnostics.Rendering;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Report;

/// <summary>The tables of a recording: metrics are rows, processes are columns, and two processes have a ratio.</summary>
internal sealed class RecordingTables(RecordedProcess[] processes)
{
    // What most come for, beyond what Process Explorer shows.
    private static readonly Metric[] Highlights =
        [MetricCatalog.RoundTrips, MetricCatalog.LatencyP99, MetricCatalog.CpuPerRoundTrip, MetricCatalog.PauseLongest];

    private readonly ProcessColumn[] _columns = [.. processes.Select(p => new ProcessColumn(p.Process, p.Whole))];

    private string[] Heads => [.. processes.Select(p => p.Name), .. HasRatio ? new[] { "ratio" } : []];

    private bool HasRatio => processes.Length == 2;

    /// <summary>What Process Explorer shows of a process, in its order, and a few figures more.</summary>
    public TableSection Comparison() => new("Side by side", Heads,
    [
        new TableGroup(null,
        [
            .. new[] { MetricCatalog.Cpu, MetricCatalog.Private, MetricCatalog.WorkingSet }.SelectMany(RowsOf),
            Words("PID", p => p.Process.Pid.ToString(CultureInfo.InvariantCulture)),
            Words("description", p => p.Process.Description),
            .. RowsOf(MetricCatalog.OsThreads),
            .. Highlights.SelectMany(RowsOf),
        ]),
    ]);

    /// <summary>Every row that at least one process has a value for.</summary>
    public TableSection EveryRow() => new("All rows", Heads,
    [
        .. MetricGroup.All.Select(group => new TableGroup(group,
        [
            .. group == MetricGroup.Process ? Descriptions() : [],
            .. ComparisonRows.MetricsOf(_columns).Where(m => m.Group == group).SelectMany(RowsOf),
        ])),
    ]);

    /// <summary>The unit of a row on the page.</summary>
    public static Unit UnitOf(Metric metric) => metric.Format switch
    {
        MetricFormat.Count => Unit.Count,
        MetricFormat.Rate => Unit.PerSecond,
        MetricFormat.Percent => Unit.Percent,
        MetricFormat.Bytes => Unit.Bytes,
        MetricFormat.ByteRate => Unit.BytesPerSecond,
        MetricFormat.Amount => Unit.Named(ValueText.Symbol(metric.Unit)),
        MetricFormat.Duration or MetricFormat.Uptime => Unit.Seconds,
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric.Format, "Not a format."),
    };

    private static string HowOf(Metric metric) => metric.Aggregation switch
    {
        Aggregation.Mean => "mean",
        Aggregation.Max => "largest",
        _ => "last",
    };

    private IEnumerable<TableRow> Descriptions() =>
    [
        Words("PID", p => p.Process.Pid.ToString(CultureInfo.InvariantCulture)),
        Words("program", p => p.Process.Name),
        Words("description", p => p.Process.Description),
        Words("runtime", p => p.Process.Runtime),
        Words("GC mode", p => p.Process.GcMode),
        Words("user", p => p.Process.User),
        Words("started", p => p.Process.Started?.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture)),
        Words("samples", p => FormattableString.Invariant($"{p.Samples} over {p.Span:0.#} s")),
    ];

    private TableRow Words(string name, Func<RecordedProcess, string?> text) =>
        new(name, [.. processes.Select(p => Cell.Of(text(p))), .. HasRatio ? new[] { Cell.Blank } : []]);

    // The same rows as the live table has, and so the same rules for tags and ratios; the numbers go into the page's data too.
    private IEnumerable<TableRow> RowsOf(Metric metric) => ComparisonRows.Of(metric, _columns).Select(row => new TableRow(
        $"{row.Title}, {HowOf(metric)}",
        [
            .. row.Cells.Select((text, i) => CellOf(metric, text, row.Keys[i] is { } key ? _columns[i].Values[key] : null)),
            .. HasRatio ? new[] { metric.HasRatio ? CellOf(metric, row.Ratio, null) : Cell.Blank } : [],
        ]));

    private static Cell CellOf(Metric metric, string text, double? value) => value is null || metric.Format == MetricFormat.Uptime
        ? Cell.Of(text == ValueText.Absent ? null : text)
        : Cell.Of(UnitOf(metric), value);
}
