using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Recording;

/// <summary>
/// The columns of a recording as CSV (RFC 4180): who and when, then one column per row of the table as "name (unit)", then what
/// has no fixed number of columns.
/// </summary>
internal static class CsvColumns
{
    public const string Time = "time";
    public const string Seconds = "seconds (s)";
    public const string Pid = "pid";
    public const string Name = "process";
    public const string Description = "description";
    public const string Role = "role";
    public const string Runtime = "runtime";
    public const string GcMode = "gc";
    public const string Tagged = "tagged";
    /// <summary>Behind the name of a row that a program has named, where its value has no tag: such a row has no column.</summary>
    public const string NoTag = "[]";

    public const string Kind = "event";
    public const string Text = "text";

    /// <summary>Rows that have a column of their own.</summary>
    public static IReadOnlyList<Metric> Metrics { get; } = [.. MetricCatalog.All.Where(m => !m.IsTagged)];

    public static IReadOnlyList<string> All { get; } =
    [
        Time, Seconds, Pid, Name, Description, Role, Runtime, GcMode,
        .. Metrics.Select(Of),
        Tagged, Kind, Text,
    ];

    /// <summary>The title of a row's column.</summary>
    public static string Of(Metric metric) => $"{metric.Name} ({metric.Unit})";

    /// <summary>The name of the row of a column; null for a column that is none.</summary>
    public static string? MetricName(string column)
    {
        int unit = column.IndexOf(" (", StringComparison.Ordinal);
        return unit > 0 && column.EndsWith(')') && column != Seconds ? column[..unit] : null;
    }
}
