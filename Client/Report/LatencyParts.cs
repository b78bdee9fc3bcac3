using System.Globalization;
using RawEcho.Charts;
using RawEcho.Client.Results;

namespace RawEcho.Client.Report;

/// <summary>Latencies side by side: as a table, and as curves by percentile.</summary>
internal static class LatencyParts
{
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>A column for each, with the percentiles that are shown, the largest value, and how many there are.</summary>
    public static TableSection Table(string title, IReadOnlyList<(string Name, LatencyResult Latency)> columns)
    {
        TableRow Row(string name, Unit unit, Func<LatencyResult, double?> value) =>
            new(name, [.. columns.Select(c => Cell.Of(unit, value(c.Latency)))]);
        IEnumerable<TableRow> percentiles = LatencyResult.Shown.Select((percent, i) => Row(
            string.Create(CultureInfo.InvariantCulture, $"p{percent:0.####}"), Unit.Seconds, l => Seconds(l.Percentiles[i].Ns)));
        TableRow[] rows =
            [.. percentiles, Row("max", Unit.Seconds, l => Seconds(l.MaxNs)), Row("values", Unit.Count, l => l.Count)];
        return new TableSection(title, [.. columns.Select(c => c.Name)], [new TableGroup(null, rows)]);
    }

    /// <summary>A curve for each.</summary>
    public static Chart Curves(string title, string note, IReadOnlyList<(string Name, LatencyResult Latency)> curves) => new()
    {
        Title = title,
        Note = note,
        YName = "latency",
        YUnit = Unit.Seconds,
        X = XAxisKind.Percentile,
        MayBeLogarithmic = true,
        Series = [.. curves.Select(c => new Series(c.Name, RunCharts.Curve(c.Latency)))],
    };

    /// <summary>Nanoseconds in seconds, the base unit of pages; null for what is not known.</summary>
    public static double? Seconds(long? nanoseconds) => nanoseconds / NanosecondsPerSecond;
}
