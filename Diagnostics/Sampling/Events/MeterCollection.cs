namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>One time series: an instrument, and the tags of the value as "name=value,name=value".</summary>
internal readonly record struct MeterSeries(Instrument Instrument, string Tags);

/// <summary>What a histogram recorded.</summary>
/// <param name="Total">Values since it is listened to, count; null when the runtime does not say it (.NET 7 and earlier).</param>
/// <param name="P50">Of the last interval; null when it had no values.</param>
/// <param name="P95">Likewise.</param>
/// <param name="P99">Likewise.</param>
internal readonly record struct HistogramReading(double? Total, double? P50, double? P95, double? P99);

/// <summary>What kind of number an instrument gives.</summary>
internal enum InstrumentKind
{
    /// <summary>A total that only grows.</summary>
    Counter,

    /// <summary>A total that an observable instrument knows.</summary>
    Total,

    /// <summary>The sum of all changes since it is listened to.</summary>
    Changes,

    /// <summary>A value of now.</summary>
    Gauge,

    /// <summary>The distribution of many values.</summary>
    Histogram,
}

/// <summary>A time series of an instrument that the user names.</summary>
/// <param name="Kind">What its number is.</param>
/// <param name="Unit">As the program gives it; empty for none.</param>
/// <param name="Value">Of any kind but a histogram.</param>
/// <param name="Histogram">Of a histogram.</param>
internal sealed record NamedReading(InstrumentKind Kind, string Unit, double Value, HistogramReading Histogram);

/// <summary>The values of one collection interval of the process.</summary>
/// <param name="Values">Totals of counters since the start of the process, and current values of the other instruments.</param>
/// <param name="Milliseconds">The end of the interval since the session began, on a clock that nobody can set.</param>
/// <param name="ArrivedAt">When it arrived here, as a Stopwatch timestamp.</param>
internal sealed record MeterCollection(IReadOnlyDictionary<MeterSeries, double> Values, double Milliseconds, long ArrivedAt)
{
    /// <summary>Histograms of instruments that rows are made of.</summary>
    public IReadOnlyDictionary<MeterSeries, HistogramReading> Histograms { get; init; } = new Dictionary<MeterSeries, HistogramReading>();

    /// <summary>Series of instruments that the user names.</summary>
    public IReadOnlyDictionary<MeterSeries, NamedReading> Named { get; init; } = new Dictionary<MeterSeries, NamedReading>();

    /// <summary>
    /// False when the process has more series of histograms than the session allows: then sums over all of a histogram would be too low.
    /// </summary>
    public bool HasAllHistograms { get; init; } = true;

    /// <summary>False when it has more series than the session allows, of whatever kind. Then histograms may be missing too.</summary>
    public bool HasAllSeries { get; init; } = true;
}
