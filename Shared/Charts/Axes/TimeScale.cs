namespace RawEcho.Charts.Axes;

/// <summary>Seconds since the start, marked at steps that people count in: 5 s, 30 s, 10 min, 1 h.</summary>
internal sealed class TimeScale : Scale
{
    private const int WantedSteps = 6;
    private const double Minute = 60;
    private const double Hour = 3600;
    private const double Day = 86400;
    private static readonly double[] Steps =
    [
        0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, Minute, 2 * Minute, 5 * Minute, 10 * Minute, 15 * Minute, 30 * Minute,
        Hour, 2 * Hour, 3 * Hour, 6 * Hour, 12 * Hour, Day, 2 * Day, 5 * Day, 10 * Day,
    ];

    /// <param name="max">The last moment; the axis ends there and not at a mark, so that no room is lost.</param>
    public TimeScale(double max)
    {
        To = max > 0 ? max : 1;
        double wanted = To / WantedSteps;
        double step = Array.Find(Steps, s => s >= wanted);
        if (step == 0) step = Math.Ceiling(wanted / Steps[^1]) * Steps[^1];
        (UnitSymbol, Func<double, string> label) = step switch
        {
            < Minute when To <= 2 * Minute => ("s", s => FormattableString.Invariant($"{s:0.##}")),
            < Minute or < 5 * Minute when To < Hour =>
                ("min:s", s => FormattableString.Invariant($"{Math.Floor(s / Minute):0}:{s % Minute:00}")),
            < Hour when To < 2 * Hour => ("min", s => FormattableString.Invariant($"{s / Minute:0}")),
            < Day => ("h:min", s => FormattableString.Invariant($"{Math.Floor(s / Hour):0}:{Math.Floor(s % Hour / Minute):00}")),
            _ => ("days", (Func<double, string>)(s => FormattableString.Invariant($"{s / Day:0}"))),
        };
        // A hair beyond the end still counts: 10.0000001 s is 10 s.
        int count = (int)Math.Floor((To / step) + 1e-6) + 1;
        Ticks = [.. Enumerable.Range(0, count).Select(i => new Tick(Math.Min(1, i * step / To), label(i * step)))];
    }

    public override IReadOnlyList<Tick> Ticks { get; }

    public override string UnitSymbol { get; }

    public override string Kind => "linear";

    public override double From => 0;

    public override double To { get; }

    protected override double PositionOf(double value) => value / To;
}
