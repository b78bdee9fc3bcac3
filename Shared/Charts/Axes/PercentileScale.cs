namespace RawEcho.Charts.Axes;

/// <summary>
/// Percentiles with equal room for each nine: the position is log10 of 1/(1 - p), as in the plots of HdrHistogram. 100 % lies infinitely
/// far out; it is drawn at the end.
/// </summary>
internal sealed class PercentileScale : Scale
{
    private const double FewestNines = 2;
    private const double MostNines = 9;

    private readonly double _nines;

    /// <param name="max">The highest percentile below 100.</param>
    public PercentileScale(double max)
    {
        _nines = Math.Clamp(Nines(max), FewestNines, MostNines);
        To = 100 * (1 - Math.Pow(10, -_nines));
        var ticks = new List<Tick> { new(0, "0 %"), new(Nines(50) / _nines, "50 %") };
        for (int nines = 1; nines <= _nines + 1e-9; nines++) ticks.Add(new Tick(Math.Min(1, nines / _nines), Label(nines)));
        Ticks = ticks;
    }

    public override IReadOnlyList<Tick> Ticks { get; }

    public override string UnitSymbol => string.Empty;

    public override string Kind => "percentile";

    public override double From => 0;

    public override double To { get; }

    protected override double PositionOf(double value) => value >= 100 ? 1 : Nines(value) / _nines;

    private static double Nines(double percentile) => -Math.Log10(1 - (Math.Clamp(percentile, 0, 100) / 100));

    private static string Label(int nines) => nines switch
    {
        1 => "90 %",
        2 => "99 %",
        _ => $"99.{new string('9', nines - 2)} %",
    };
}
