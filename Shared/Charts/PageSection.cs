namespace RawEcho.Charts;

/// <summary>A part of a <see cref="ReportPage"/>.</summary>
/// <param name="Title">Its heading; null for none.</param>
public abstract record PageSection(string? Title);

/// <summary>The few values that most readers came for, in large type.</summary>
/// <param name="Figures">Two to six of them.</param>
public sealed record HeadlineSection(IReadOnlyList<Headline> Figures) : PageSection((string?)null);

/// <summary>A value in large type.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Value">Number and unit.</param>
/// <param name="Note">A few words below it, or null.</param>
/// <param name="IsBad">True for what should not be: it is shown as a warning, by colour and by a sign.</param>
public sealed record Headline(string Label, string Value, string? Note = null, bool IsBad = false);

/// <summary>Charts, side by side where there is room.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Charts">At least one.</param>
public sealed record ChartSection(string? Title, IReadOnlyList<Chart> Charts) : PageSection(Title);

/// <summary>Bars, several groups of them side by side where there is room.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Charts">At least one.</param>
public sealed record BarSection(string? Title, IReadOnlyList<BarChart> Charts) : PageSection(Title);

/// <summary>Names and values, such as the settings of a run.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Facts">In the order to show them.</param>
public sealed record FactSection(string? Title, IReadOnlyList<Fact> Facts) : PageSection(Title);

/// <summary>A name and its value.</summary>
public sealed record Fact(string Name, string Value);

/// <summary>Sentences, a bullet or a number each.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Notes">None makes the section disappear.</param>
/// <param name="IsNumbered">True to number them from 1.</param>
public sealed record NoteSection(string? Title, IReadOnlyList<string> Notes, bool IsNumbered = false) : PageSection(Title);

/// <summary>Narrow sections side by side, where there is room.</summary>
/// <param name="Sections">Two or three, with headings of their own.</param>
public sealed record RowSection(IReadOnlyList<PageSection> Sections) : PageSection((string?)null);

/// <summary>A table: metrics are rows, and what is compared stands side by side in columns.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Columns">The heads of the columns, without the one above the row names.</param>
/// <param name="Groups">Its rows.</param>
public sealed record TableSection(string? Title, IReadOnlyList<string> Columns, IReadOnlyList<TableGroup> Groups) : PageSection(Title);

/// <summary>Rows of a table that belong together.</summary>
/// <param name="Title">What they have in common; null for none.</param>
/// <param name="Rows">In the order to show them.</param>
public sealed record TableGroup(string? Title, IReadOnlyList<TableRow> Rows);

/// <summary>A row of a table.</summary>
/// <param name="Name">What the row shows.</param>
/// <param name="Cells">A cell for each column.</param>
public sealed record TableRow(string Name, IReadOnlyList<Cell> Cells);

/// <summary>A cell of a table. The default is one without a value, which is shown as absent and never as zero.</summary>
public readonly record struct Cell
{
    /// <summary>What is shown; null when absent.</summary>
    public string? Text { get; private init; }

    /// <summary>The value in base units, for the page's data; null for words.</summary>
    public double? Number { get; private init; }

    /// <summary>A cell that has nothing to say: it is empty, and does not stand for an absent value.</summary>
    public static Cell Blank { get; } = new() { Text = string.Empty };

    /// <summary>Words.</summary>
    public static Cell Of(string? text) => new() { Text = string.IsNullOrEmpty(text) ? null : text };

    /// <summary>A number in base units of <paramref name="unit"/>; absent when null or not finite.</summary>
    public static Cell Of(Unit unit, double? value) =>
        value is { } v && double.IsFinite(v) ? new() { Text = unit.Format(v), Number = v } : default;
}
