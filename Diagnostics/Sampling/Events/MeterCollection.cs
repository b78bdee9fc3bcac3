namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>One time series: an instrument, and the tags of the value as "name=value,name=value".</summary>
internal readonly record struct MeterSeries(Instrument Instrument, string Tags);

/// <summary>The values of one collection interval of the process.</summary>
/// <param name="Values">Totals of counters since the start of the process, and current values of the other instruments.</param>
/// <param name="Milliseconds">The end of the interval since the session began, on a clock that nobody can set.</param>
/// <param name="ArrivedAt">When it arrived here, as a Stopwatch timestamp.</param>
internal sealed record MeterCollection(IReadOnlyDictionary<MeterSeries, double> Values, double Milliseconds, long ArrivedAt);
