using System.Globalization;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>A process with its values, for a table.</summary>
/// <param name="Description">Who it is.</param>
/// <param name="Values">By name of the row.</param>
internal sealed record TableColumn(ProcessDescription Description, IReadOnlyDictionary<string, double> Values);

/// <summary>Makes rows of processes: metrics are rows, processes are columns. A row that no process gives is left out.</summary>
internal static class TableRows
{
    /// <summary>The order in which a person reads it: by group.</summary>
    public static IReadOnlyList<TableRow> ByGroup(IReadOnlyList<TableColumn> columns) =>
        [.. About(columns), .. MetricCatalog.All.SelectMany(m => Of(m, columns))];

    /// <summary>What the process is.</summary>
    public static IEnumerable<TableRow> About(IReadOnlyList<TableColumn> columns)
    {
        yield return Text("pid", "PID", p => p.Pid.ToString(CultureInfo.InvariantCulture));
        yield return Text("description", "description", p => p.Description);
        yield return Text("runtime", "runtime", p => p.Runtime);
        yield return Text("gc", "GC mode", p => p.GcMode);

        TableRow Text(string name, string title, Func<ProcessDescription, string?> of) => new(
            MetricGroup.Process, $"process.{name}", title,
            [.. columns.Select(c => of(c.Description) ?? ValueText.Absent)], string.Empty, [.. columns.Select(_ => (string?)null)]);
    }

    /// <summary>The rows of one metric: none when no process gives it, several for one with tags.</summary>
    public static IEnumerable<TableRow> Of(Metric metric, IReadOnlyList<TableColumn> columns)
    {
        if (metric == MetricCatalog.BusiestThreads) return Busiest(metric, columns);
        if (metric.IsTagged) return Tagged(metric, columns);
        return columns.Any(c => c.Values.ContainsKey(metric.Name)) ? [Row(metric, metric.Name, metric.Title, columns)] : [];
    }

    private static IEnumerable<TableRow> Tagged(Metric metric, IReadOnlyList<TableColumn> columns) => columns
        .SelectMany(c => c.Values.Keys)
        .Select(metric.TagOf)
        .OfType<string>()
        .Distinct()
        .Order(StringComparer.Ordinal)
        .Select(tag => Row(metric, metric.WithTag(tag), $"{metric.Title}: {tag}", columns));

    // By rank, since each process has threads of its own: the cell says which thread it is.
    private static IEnumerable<TableRow> Busiest(Metric metric, IReadOnlyList<TableColumn> columns)
    {
        KeyValuePair<string, double>[][] ranked = [.. columns.Select(c => c.Values.Where(v => metric.TagOf(v.Key) is not null).OrderByDescending(v => v.Value).Take(5).ToArray())];
        for (int rank = 0; rank < ranked.Max(r => r.Length); rank++)
        {
            string title = string.Create(CultureInfo.InvariantCulture, $"busiest {rank + 1}");
            yield return new TableRow(
                metric.Group, string.Create(CultureInfo.InvariantCulture, $"{metric.Name}.{rank + 1}"), title,
                [.. ranked.Select(r => rank < r.Length ? $"{ThreadName(metric.TagOf(r[rank].Key)!)} {ValueText.Of(metric, r[rank].Value)}" : ValueText.Absent)],
                string.Empty, [.. ranked.Select(_ => (string?)null)]);
        }
    }

    private static string ThreadName(string tag) => tag.LastIndexOf(' ') is > 0 and var end ? tag[..end] : tag;

    private static TableRow Row(Metric metric, string name, string title, IReadOnlyList<TableColumn> columns)
    {
        double?[] values = [.. columns.Select(c => c.Values.TryGetValue(name, out double value) ? (double?)value : null)];
        string ratio = values.Length == 2 ? ValueText.Ratio(metric, values[0], values[1]) : string.Empty;
        return new TableRow(metric.Group, name, title, [.. values.Select(v => ValueText.Of(metric, v))], ratio, [.. values.Select(v => v is null ? null : name)]);
    }
}
