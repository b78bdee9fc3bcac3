using System.Globalization;
using RawEcho.Charts;
using RawEcho.Diagnostics.Rendering;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Report;

/// <summary>
/// Charts of rows that have tags: requests by route, and meters and counters that the user names. A series is a process and a tag.
/// </summary>
internal sealed class NamedCharts(RecordedProcess[] processes, IReadOnlyList<Marker> markers)
{
    private const int MostSeries = 6;
    private const int MostCharts = 30;

    /// <summary>The titles of named rows that got no chart, because there are so many.</summary>
    public IReadOnlyList<string> Left { get; private set; } = [];

    /// <summary>A chart for each row that the user names; the percentiles of a histogram share one.</summary>
    public IReadOnlyList<Chart> Named()
    {
        IReadOnlyList<ProcessColumn> columns = [.. processes.Select(p => new ProcessColumn(p.Process, p.Whole))];
        Metric[] all = [.. ComparisonRows.MetricsOf(columns).Where(m => m.IsNamed)];
        Metric[] charted = [.. all.Where(m => Sibling(all, m, "p50", "p99") is null && Sibling(all, m, "p95", "p99") is null)];
        Left = [.. charted.Skip(MostCharts).Select(m => m.Title)];
        return
        [
            .. charted.Take(MostCharts).SelectMany(m => Of($"{m.Title} ({NamedMetric.SourceOf(m)})", m, Sibling(all, m, "p99", "p50"))),
        ];
    }

    /// <summary>A chart of a row with tags; none where no process gives it.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="solid">The row.</param>
    /// <param name="dashed">Another row with the same tags; null for none.</param>
    public IEnumerable<Chart> Of(string title, Metric solid, Metric? dashed)
    {
        (RecordedProcess Process, string? Tag)[] all =
        [
            .. processes.SelectMany(p => p.Whole
                .Where(v => v.Key == solid.Name || solid.TagOf(v.Key) is not null)
                .Select(v => (Process: p, Tag: solid.TagOf(v.Key), v.Value)))
                .OrderByDescending(s => s.Value)
                .Select(s => (s.Process, s.Tag)),
        ];
        if (all.Length == 0) yield break;
        List<Series> series = [];
        foreach (((RecordedProcess process, string? tag), int color) in all.Take(MostSeries).Select((s, i) => (s, i)))
        {
            string name = tag is null ? process.Name : processes.Length > 1 ? $"{process.Name}, {tag}" : tag;
            series.Add(new Series(dashed is null ? name : $"{name}, p99", process.Over(Name(solid, tag)), color));
            if (dashed is not null) series.Add(new Series($"{name}, p50", process.Over(Name(dashed, tag)), color, IsDashed: true));
        }

        string percentiles = dashed is null ? string.Empty : "Solid: p99. Dashed: p50. ";
        string some = all.Length > MostSeries
            ? string.Create(CultureInfo.InvariantCulture, $"The {MostSeries} with the largest values of {all.Length}. ")
            : string.Empty;
        yield return new Chart
        {
            Title = title,
            Note = (percentiles + some).TrimEnd() is { Length: > 0 } note ? note : null,
            YName = solid.Title,
            YUnit = RecordingTables.UnitOf(solid),
            Series = series,
            MayBeLogarithmic = dashed is not null,
            Markers = markers,
        };
    }

    private static string Name(Metric metric, string? tag) => tag is null ? metric.Name : metric.WithTag(tag);

    // Another percentile of the same histogram.
    private static Metric? Sibling(Metric[] all, Metric metric, string word, string other) =>
        metric.Name.Contains($":{word} (", StringComparison.Ordinal)
            ? Array.Find(all, m => m.Name == metric.Name.Replace($":{word} (", $":{other} (", StringComparison.Ordinal))
            : null;
}
