namespace RawEcho.Charts.Axes;

/// <summary>The two axes that fit a chart's values.</summary>
internal sealed class ChartAxes
{
    public ChartAxes(Chart chart)
    {
        double[] xs = [.. chart.Series.SelectMany(s => s.Points).Select(p => p.X).Where(double.IsFinite)];
        X = chart.X == XAxisKind.Time
            ? new TimeScale(xs.Length == 0 ? 0 : xs.Max())
            : new PercentileScale(xs.Where(x => x < 100).DefaultIfEmpty(0).Max());

        double[] ys = [.. chart.Series.SelectMany(s => s.Points).Where(p => p.HasValue).Select(p => p.Y!.Value)];
        IsEmpty = ys.Length == 0;
        Y = chart.MayBeLogarithmic && LogScale.Suits(ys)
            ? new LogScale(chart.YUnit, ys.Min(), ys.Max())
            : new LinearScale(chart.YUnit, ys.DefaultIfEmpty(0).Min(), ys.DefaultIfEmpty(0).Max());
    }

    public Scale X { get; }

    public Scale Y { get; }

    /// <summary>Where areas and stems stand, 0 to 1 of the height: at zero, or at the beginning of an axis without one.</summary>
    public double Foot => Y.Position(Math.Max(0, Y.From));

    /// <summary>True when no series has a value.</summary>
    public bool IsEmpty { get; }

    /// <summary>What is written at the y axis: what is measured, and its unit.</summary>
    public string YTitle(string name) => (Y.Kind, Y.UnitSymbol) switch
    {
        ("log", _) => $"{name} (logarithmic)",
        (_, "" or "/s") => name,
        (_, "%") => $"% {name}",
        (_, { } unit) => $"{name} in {unit}",
    };
}
