namespace RawEcho.Charts;

/// <summary>How the values of a chart are drawn.</summary>
public enum ChartKind
{
    /// <summary>Straight lines from value to value.</summary>
    Line,

    /// <summary>A line and the area below it: for amounts.</summary>
    Area,

    /// <summary>A value holds until the next one: for counts that change in steps.</summary>
    Step,

    /// <summary>A stem from zero for each value: for things that happen now and then. Zero draws none.</summary>
    Stem,
}

/// <summary>What stands on the x axis.</summary>
public enum XAxisKind
{
    /// <summary>Seconds since the start.</summary>
    Time,

    /// <summary>
    /// Percentiles, 0 to 100, at equal distances for each nine: 90, 99, 99.9. The position is the logarithm of 1/(1 - p), so the tail
    /// takes the room that it deserves.
    /// </summary>
    Percentile,
}

/// <summary>A chart with one or more series over the same axes.</summary>
public sealed record Chart
{
    /// <summary>Its heading.</summary>
    public required string Title { get; init; }

    /// <summary>A sentence on what is shown and how to read it; null for none.</summary>
    public string? Note { get; init; }

    /// <summary>What is measured, in words that follow the unit on the y axis.</summary>
    public required string YName { get; init; }

    /// <summary>The unit of the values.</summary>
    public required Unit YUnit { get; init; }

    /// <summary>What stands on the x axis.</summary>
    public XAxisKind X { get; init; } = XAxisKind.Time;

    /// <summary>How the values are drawn.</summary>
    public ChartKind Kind { get; init; } = ChartKind.Line;

    /// <summary>
    /// True to let the y axis be logarithmic when the values lie so far apart that the small ones could not be told from zero. The chart
    /// then says so. False begins at zero, always.
    /// </summary>
    public bool MayBeLogarithmic { get; init; }

    /// <summary>Up to six are told apart by colour alone, more by dashes too.</summary>
    public required IReadOnlyList<Series> Series { get; init; }

    /// <summary>What happened at some moments.</summary>
    public IReadOnlyList<Marker> Markers { get; init; } = [];
}

/// <summary>A line of a chart.</summary>
/// <param name="Name">As the legend shows it.</param>
/// <param name="Points">By ascending x.</param>
/// <param name="Color">
/// The colour's place in the palette, from 0: give one thing the same colour in all charts of a page. -1 takes its place in the chart.
/// </param>
/// <param name="IsDashed">True for what belongs to another series of the same colour.</param>
public sealed record Series(string Name, IReadOnlyList<DataPoint> Points, int Color = -1, bool IsDashed = false);

/// <summary>A value of a series.</summary>
/// <param name="X">Seconds since the start, or a percentile; see <see cref="XAxisKind"/>.</param>
/// <param name="Y">The value in base units; null (or not finite) where there is none, which leaves a gap.</param>
public readonly record struct DataPoint(double X, double? Y)
{
    /// <summary>True when there is a value to draw.</summary>
    public bool HasValue => Y is { } y && double.IsFinite(y);
}

/// <summary>A moment worth a line across the chart.</summary>
/// <param name="X">Seconds since the start.</param>
/// <param name="Label">One or two characters above the line; what they stand for is told elsewhere on the page.</param>
/// <param name="Text">What happened, for those who do not see the line.</param>
public sealed record Marker(double X, string Label, string Text);
