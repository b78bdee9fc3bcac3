using System.Globalization;
using RawEcho.Charts;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Report;

/// <summary>The tables of a recording: metrics are rows, processes are columns, and two processes have a ratio.</summary>
internal sealed class RecordingTables(RecordedProcess[] processes)
{
    private const int MostTags = 5;

    private string[] Columns => [.. processes.Select(p => p.Name), .. HasRatio ? new[] { "ratio" } : []];

    private bool HasRatio => processes.Length == 2;

    /// <summary>What Process Explorer shows of a process, and the figures that most come for.</summary>
    public TableSection Comparison() => new("Side by side", Columns,
    [
        new TableGroup(null,
        [
            Row(MetricCatalog.Cpu),
            Row(MetricCatalog.Private),
            Row(MetricCatalog.WorkingSet),
            Words("PID", p => p.Process.Pid.ToString(CultureInfo.InvariantCulture)),
            Words("description", p => p.Process.Description),
            Row(MetricCatalog.OsThreads),
            .. new[] { MetricCatalog.RoundTrips, MetricCatalog.CpuPerRoundTrip, MetricCatalog.LatencyP99, MetricCatalog.PauseLongest }.Where(IsKnown).Select(m => Row(m)),
        ]),
    ]);

    /// <summary>Every row of the catalogue that at least one process has a value for.</summary>
    public TableSection EveryRow() => new("All rows", Columns,
    [
        .. MetricGroup.All.Select(group => new TableGroup(group,
        [
            .. group == MetricGroup.Process ? Descriptions() : [],
            .. MetricCatalog.All.Where(m => m.Group == group).SelectMany(m => m.IsTagged ? Tags(m) : IsKnown(m) ? [Row(m)] : []),
        ])),
    ]);

    private static Unit UnitOf(Metric metric) => metric.Format switch
    {
        MetricFormat.Count => Unit.Count,
        MetricFormat.Rate => Unit.PerSecond,
        MetricFormat.Percent => Unit.Percent,
        MetricFormat.Bytes => Unit.Bytes,
        MetricFormat.ByteRate => Unit.BytesPerSecond,
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

    private bool IsKnown(Metric metric) => processes.Any(p => p.Whole(metric) is not null);

    private TableRow Row(Metric metric, string? tag = null)
    {
        string? name = tag is null ? null : metric.WithTag(tag);
        double?[] values = [.. processes.Select(p => p.Whole(metric, name))];
        string title = tag is null ? $"{metric.Title}, {HowOf(metric)}" : $"{metric.Title}, {HowOf(metric)}: {tag}";
        return new TableRow(title, [.. values.Select(v => Value(metric, v)), .. HasRatio ? new[] { Ratio(metric, values) } : []]);
    }

    private static Cell Value(Metric metric, double? value) => metric.Format == MetricFormat.Uptime
        ? Cell.Of(value is null ? null : ValueText.Of(metric, value))
        : Cell.Of(UnitOf(metric), value);

    private static Cell Ratio(Metric metric, double?[] values)
    {
        if (!metric.HasRatio) return Cell.Blank;
        string ratio = ValueText.Ratio(metric, values[0], values[1]);
        return Cell.Of(ratio == ValueText.Absent ? null : ratio);
    }

    // The few that weigh most, whoever of the processes has them.
    private IEnumerable<TableRow> Tags(Metric metric) => processes
        .SelectMany(p => p.NamesOf(metric).Select(name => (Tag: metric.TagOf(name)!, Value: p.Whole(metric, name) ?? 0)))
        .GroupBy(v => v.Tag, (tag, all) => (Tag: tag, Value: all.Max(v => v.Value)))
        .OrderByDescending(v => v.Value)
        .ThenBy(v => v.Tag, StringComparer.Ordinal)
        .Take(MostTags)
        .Select(v => Row(metric, v.Tag));
}
