using System.Globalization;

namespace RawEcho.Charts.Axes;

/// <summary>
/// Equal steps of 1, 2 or 5 times a power of ten, counted in the multiple of the unit in which the largest value reads best.
/// </summary>
internal sealed class LinearScale : Scale
{
    private const int MostSteps = 7;

    /// <param name="unit">The unit of the values.</param>
    /// <param name="min">The smallest value; the axis begins at zero unless it is negative.</param>
    /// <param name="max">The largest value.</param>
    public LinearScale(Unit unit, double min, double max)
    {
        (min, max) = (Math.Min(0, min), Math.Max(0, max));
        UnitMultiple multiple = unit.MultipleFor(Math.Max(max, -min));
        UnitSymbol = multiple.Symbol;
        double range = (max - min) / multiple.Factor;
        // All zero: an axis to 1 (of whatever the unit counts in) shows the line at its foot.
        double step = NiceStep((range > 0 && double.IsNormal(range) ? range : 1) / MostSteps);
        if (unit.IsWhole) step = Math.Max(1, step);
        double first = Math.Floor((min / multiple.Factor / step) + 1e-9);
        double last = Math.Max(first + 1, Math.Ceiling(((range > 0 ? max / multiple.Factor : 1) / step) - 1e-9));
        (From, To) = (first * step * multiple.Factor, last * step * multiple.Factor);
        string format = Format(step);
        Ticks = [.. Enumerable.Range(0, (int)(last - first) + 1)
            .Select(i => new Tick(i / (last - first), ((first + i) * step).ToString(format, CultureInfo.InvariantCulture)))];
    }

    public override IReadOnlyList<Tick> Ticks { get; }

    public override string UnitSymbol { get; }

    public override string Kind => "linear";

    public override double From { get; }

    public override double To { get; }

    /// <summary>The nicest step that is not smaller.</summary>
    public static double NiceStep(double atLeast)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(atLeast)));
        double mantissa = atLeast / power;
        const double tolerance = 1e-9;
        return power * mantissa switch
        {
            <= 1 + tolerance => 1,
            <= 2 + tolerance => 2,
            <= 5 + tolerance => 5,
            _ => 10,
        };
    }

    protected override double PositionOf(double value) => (value - From) / (To - From);

    private static string Format(double step)
    {
        int digits = Math.Max(0, -(int)Math.Floor(Math.Log10(step) + 1e-9));
        return digits == 0 ? "#,##0" : "0." + new string('0', digits);
    }
}
