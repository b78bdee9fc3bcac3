using System.Globalization;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>Makes rows of processes: metrics are rows, processes are columns. A row that no process gives is left out.</summary>
internal static class ComparisonRows
{
    private const int Shown = 5;
    private const int MostTags = 10;

    /// <summary>The order in which a person reads it: by group.</summary>
    public static IReadOnlyList<ComparisonRow> ByGroup(IReadOnlyList<ProcessColumn> columns) =>
        [.. About(columns), .. MetricsOf(columns).SelectMany(m => Of(m, columns))];

    /// <summary>The rows of the catalogue, and those of meters and counters that the user names.</summary>
    public static IEnumerable<Metric> MetricsOf(IReadOnlyList<ProcessColumn> columns)
    {
        Metric[] named = [.. NamedMetric.In(columns.SelectMany(c => c.Values.Keys))];
        // The meter is said only where two have an instrument of one name.
        HashSet<string> twice = [.. named.GroupBy(m => (m.Group, m.Title)).Where(g => g.Skip(1).Any()).Select(g => g.Key.Title)];
        return MetricCatalog.All.Concat(named.Select(
            m => twice.Contains(m.Title) ? m with { Title = $"{NamedMetric.SourceOf(m)} {m.Title}" } : m));
    }

    /// <summary>What the process is.</summary>
    public static IEnumerable<ComparisonRow> About(IReadOnlyList<ProcessColumn> columns)
    {
        yield return Text("pid", "PID", p => p.Pid.ToString(CultureInfo.InvariantCulture));
        yield return Text("description", "description", p => p.Description);
        yield return Text("runtime", "runtime", p => p.Runtime);
        yield return Text("gc", "GC mode", p => p.GcMode);

        ComparisonRow Text(string name, string title, Func<ProcessDescription, string?> of) => new(
            MetricGroup.Process, $"process.{name}", title,
            [.. columns.Select(c => of(c.Description) ?? ValueText.Absent)], string.Empty, [.. columns.Select(_ => (string?)null)]);
    }

    /// <summary>The rows of one metric: none when no process gives it, several for one with tags.</summary>
    public static IEnumerable<ComparisonRow> Of(Metric metric, IReadOnlyList<ProcessColumn> columns)
    {
        if (metric == MetricCatalog.BusiestThreads) return Busiest(metric, columns);
        IEnumerable<ComparisonRow> untagged =
            columns.Any(c => c.Values.ContainsKey(metric.Name)) ? [Row(metric, metric.Name, metric.Title, columns)] : [];
        return metric.IsTagged ? untagged.Concat(Tagged(metric, columns)) : untagged;
    }

    // A foreign program may have any number of tags: a table has those with the largest values.
    private static IEnumerable<ComparisonRow> Tagged(Metric metric, IReadOnlyList<ProcessColumn> columns)
    {
        string[] tags =
        [
            .. columns.SelectMany(c => c.Values)
                .Where(v => metric.TagOf(v.Key) is not null)
                .GroupBy(v => v.Key, v => v.Value)
                .OrderByDescending(g => g.Max())
                .Select(g => metric.TagOf(g.Key)!),
        ];
        foreach (string tag in tags.Take(MostTags).Order(StringComparer.Ordinal))
            yield return Row(metric, metric.WithTag(tag), $"{metric.Title}: {tag}", columns);
        if (tags.Length <= MostTags) yield break;
        string more = string.Create(CultureInfo.InvariantCulture, $"{metric.Title}: {tags.Length - MostTags} more in a recording");
        yield return new ComparisonRow(
            metric.Group, metric.Name, more, [.. columns.Select(_ => string.Empty)], string.Empty, [.. columns.Select(_ => (string?)null)]);
    }

    // By rank, since each process has threads of its own: the cell says which thread it is.
    private static IEnumerable<ComparisonRow> Busiest(Metric metric, IReadOnlyList<ProcessColumn> columns)
    {
        KeyValuePair<string, double>[][] ranked = [.. columns.Select(Rank)];
        for (int rank = 0; rank < ranked.Max(r => r.Length); rank++)
        {
            string title = string.Create(CultureInfo.InvariantCulture, $"busiest {rank + 1}");
            yield return new ComparisonRow(
                metric.Group, string.Create(CultureInfo.InvariantCulture, $"{metric.Name}.{rank + 1}"), title,
                [.. ranked.Select(r => rank < r.Length ? Cell(r[rank]) : ValueText.Absent)],
                string.Empty, [.. ranked.Select(_ => (string?)null)]);
        }

        KeyValuePair<string, double>[] Rank(ProcessColumn column) =>
            [.. column.Values.Where(v => metric.TagOf(v.Key) is not null).OrderByDescending(v => v.Value).Take(Shown)];

        string Cell(KeyValuePair<string, double> thread) => $"{ThreadName(metric.TagOf(thread.Key)!)} {ValueText.Of(metric, thread.Value)}";
    }

    private static string ThreadName(string tag) => tag.LastIndexOf(' ') is > 0 and var end ? tag[..end] : tag;

    private static ComparisonRow Row(Metric metric, string name, string title, IReadOnlyList<ProcessColumn> columns)
    {
        double?[] values = [.. columns.Select(c => c.Values.TryGetValue(name, out double value) ? (double?)value : null)];
        string ratio = values.Length == 2 ? ValueText.Ratio(metric, values[0], values[1]) : string.Empty;
        string[] cells = [.. values.Select(v => ValueText.Of(metric, v))];
        return new ComparisonRow(metric.Group, name, title, cells, ratio, [.. values.Select(v => v is null ? null : name)]);
    }
}
