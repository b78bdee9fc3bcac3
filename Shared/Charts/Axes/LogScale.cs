namespace RawEcho.Charts.Axes;

/// <summary>Equal room for each power of ten. The marks carry their own unit: 100 µs, 1 ms, 10 ms.</summary>
internal sealed class LogScale : Scale
{
    /// <summary>Below this ratio of the largest value to the lower quartile a linear axis still tells the small values apart.</summary>
    private const double WorthIt = 40;

    /// <summary>With fewer powers of ten on the axis, twice and five times a power are marked too.</summary>
    private const int FewPowers = 3;

    private const double Tolerance = 1e-9;

    private static readonly double[] Mantissas = [1, 2, 5];

    private readonly double _first;
    private readonly double _last;

    /// <param name="unit">The unit of the values.</param>
    /// <param name="min">The smallest value; above zero.</param>
    /// <param name="max">The largest value; above the smallest.</param>
    public LogScale(Unit unit, double min, double max)
    {
        double[] marks =
        [
            .. from power in Enumerable.Range((int)Math.Floor(Math.Log10(min)), (int)(Math.Log10(max) - Math.Log10(min)) + 3)
               from mantissa in Mantissas
               select mantissa * Math.Pow(10, power),
        ];
        From = marks.Last(m => m <= min * (1 + Tolerance));
        To = marks.First(m => m >= max * (1 - Tolerance));
        (_first, _last) = (Math.Log10(From), Math.Log10(To));
        double[] inside = [.. marks.Where(m => m >= From && m <= To)];
        double[] powers = [.. inside.Where(IsPower)];
        Ticks = [.. (powers.Length < FewPowers ? inside : powers).Select(m => new Tick(Position(m), Label(unit, m)))];
    }

    public override IReadOnlyList<Tick> Ticks { get; }

    public override string UnitSymbol => string.Empty;

    public override string Kind => "log";

    public override double From { get; }

    public override double To { get; }

    /// <summary>True when the values span so much that a linear axis would press a quarter of them or more into its foot.</summary>
    public static bool Suits(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length > 1 && sorted[0] > 0 && sorted[^1] > sorted[sorted.Length / 4] * WorthIt;
    }

    protected override double PositionOf(double value) => value <= 0 ? 0 : (Math.Log10(value) - _first) / (_last - _first);

    private static bool IsPower(double mark) => Math.Abs(Math.Log10(mark) - Math.Round(Math.Log10(mark))) < Tolerance;

    private static string Label(Unit unit, double value)
    {
        // A power of ten is not exact: 0.001 may come out a little below a millisecond.
        UnitMultiple multiple = unit.MultipleFor(value * (1 + Tolerance));
        double number = Math.Round(value / multiple.Factor, 9);
        return FormattableString.Invariant($"{number:#,##0.#########} {multiple.Symbol}").TrimEnd();
    }
}
