using RawEcho.Charts;
using RawEcho.Client.Results;
using RawEcho.Client.Units;

namespace RawEcho.Client.Report;

/// <summary>Figures of several runs in a table.</summary>
internal static class FigureParts
{
    private const double NanosecondsPerSecond = 1e9, BitsPerMbit = 1e6;

    /// <summary>A value in the base unit of pages.</summary>
    public static Cell Cell(Figure figure, double? value) => figure.Unit switch
    {
        FigureUnit.Ns => Charts.Cell.Of(Unit.Seconds, value / NanosecondsPerSecond),
        FigureUnit.Mbit => Charts.Cell.Of(Unit.BitsPerSecond, value * BitsPerMbit),
        FigureUnit.Count => Charts.Cell.Of(Unit.Count, value),
        _ => Charts.Cell.Of(Unit.PerSecond, value),
    };

    /// <summary>How many runs.</summary>
    public static string Runs(int count) => Quantity.Count(count, "run");
}
