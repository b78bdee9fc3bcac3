namespace RawEcho.Charts.Axes;

/// <summary>A mark for each power of ten, with its own unit: 100 µs, 1 ms, 10 ms.</summary>
internal sealed class LogScale : Scale
{
    /// <summary>Below this ratio of largest to median value a linear axis still tells the small values apart.</summary>
    private const double WorthIt = 40;

    private readonly double _first;
    private readonly double _last;

    /// <param name="unit">The unit of the values.</param>
    /// <param name="min">The smallest value; above zero.</param>
    /// <param name="max">The largest value.</param>
    public LogScale(Unit unit, double min, double max)
    {
        _first = Math.Floor(Math.Log10(min) + 1e-9);
        _last = Math.Max(_first + 1, Math.Ceiling(Math.Log10(max) - 1e-9));
        Ticks = [.. Enumerable.Range(0, (int)(_last - _first) + 1).Select(i => new Tick(i / (_last - _first), Label(unit, Math.Pow(10, _first + i))))];
    }

    public override IReadOnlyList<Tick> Ticks { get; }

    public override string UnitSymbol => string.Empty;

    public override string Kind => "log";

    public override double From => Math.Pow(10, _first);

    public override double To => Math.Pow(10, _last);

    /// <summary>True when the values span so much that a linear axis would press half of them into its foot.</summary>
    public static bool Suits(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length > 1 && sorted[0] > 0 && sorted[^1] > sorted[sorted.Length / 2] * WorthIt;
    }

    protected override double PositionOf(double value) => value <= 0 ? 0 : (Math.Log10(value) - _first) / (_last - _first);

    private static string Label(Unit unit, double value)
    {
        // A power of ten is not exact: 0.001 may come out a little below a millisecond.
        UnitMultiple multiple = unit.MultipleFor(value * (1 + 1e-9));
        double number = Math.Round(value / multiple.Factor, 9);
        return FormattableString.Invariant($"{number:#,##0.#########} {multiple.Symbol}").TrimEnd();
    }
}
