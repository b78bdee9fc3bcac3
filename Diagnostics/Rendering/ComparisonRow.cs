namespace RawEcho.Diagnostics.Rendering;

/// <summary>One row of a table that compares processes, as text.</summary>
/// <param name="Group">One of <see cref="Rows.MetricGroup"/>.</param>
/// <param name="Name">The stable name of the row, as recordings have it.</param>
/// <param name="Title">The title that people read.</param>
/// <param name="Cells">One per process.</param>
/// <param name="Ratio">The second process divided by the first; empty unless there are two.</param>
/// <param name="Keys">The names of the values in the cells, one per process; null where a cell is not a number.</param>
internal sealed record ComparisonRow(
    string Group, string Name, string Title, IReadOnlyList<string> Cells, string Ratio, IReadOnlyList<string?> Keys);
