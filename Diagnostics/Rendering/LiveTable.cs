namespace RawEcho.Diagnostics.Rendering;

/// <summary>The state of a live table, as it is drawn.</summary>
/// <param name="Time">The time of the values.</param>
/// <param name="Names">The headings of the processes, and whether each has ended is in them.</param>
/// <param name="Rows">All rows, by group.</param>
/// <param name="Curve">The curve of the last minute for a process and a value, in at most so many characters.</param>
/// <param name="Notes">Sentences, the newest last.</param>
internal sealed record LiveTable(
    string Time, IReadOnlyList<string> Names, IReadOnlyList<ComparisonRow> Rows, Func<int, string, int, string> Curve,
    IReadOnlyList<string> Notes);
