namespace RawEcho.Diagnostics.Rendering;

/// <summary>One row of a table, in words.</summary>
/// <param name="Group">One of Rows.MetricGroup.</param>
/// <param name="Name">Stable: the name of the row in recordings.</param>
/// <param name="Title">For people.</param>
/// <param name="Cells">One per process.</param>
/// <param name="Ratio">How many times the first process the second is; empty unless there are two.</param>
/// <param name="Keys">The names of the values in the cells, one per process; null where a cell is no number.</param>
internal sealed record TableRow(string Group, string Name, string Title, IReadOnlyList<string> Cells, string Ratio, IReadOnlyList<string?> Keys);
