using System.Diagnostics;
using System.Globalization;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>The values of a collection interval while they arrive.</summary>
internal sealed class CollectionInProgress
{
    private readonly Dictionary<MeterSeries, double> _values = [];
    private readonly Dictionary<MeterSeries, HistogramReading> _histograms = [];
    private readonly Dictionary<MeterSeries, NamedReading> _named = [];

    /// <summary>Series of histograms, count.</summary>
    public int Histograms => _histograms.Count;

    /// <summary>Adds a value. Several meters of one name (a host each) publish the same series: together they are the process.</summary>
    public void Add(MeterSeries series, double value) => _values[series] = _values.GetValueOrDefault(series) + value;

    /// <summary>Adds the values of a histogram.</summary>
    public void Add(MeterSeries series, HistogramReading reading) => _histograms[series] = reading;

    /// <summary>
    /// Adds a series that the user names. Totals of several meters of one name are added up. The values of gauges and the percentiles of
    /// histograms cannot be: the second meter's get a number as a tag.
    /// </summary>
    public void AddNamed(MeterSeries series, NamedReading reading)
    {
        bool canBeAdded = reading.Kind is InstrumentKind.Counter or InstrumentKind.Total or InstrumentKind.Changes;
        if (canBeAdded && _named.TryGetValue(series, out NamedReading? other))
            reading = reading with { Value = reading.Value + other.Value };
        _named[canBeAdded ? series : Free(series, _named)] = reading;
    }

    /// <summary>The series under which a histogram can be added: this one, or with a number when there is one of that name.</summary>
    public MeterSeries FreeHistogram(MeterSeries series) => Free(series, _histograms);

    /// <summary>The whole collection.</summary>
    /// <param name="milliseconds">The end of the interval since the session began.</param>
    /// <param name="hasAllSeries">False when series are missing.</param>
    /// <param name="hasAllHistograms">False when series of histograms are missing.</param>
    public MeterCollection ToCollection(double milliseconds, bool hasAllSeries, bool hasAllHistograms) =>
        new(_values, milliseconds, Stopwatch.GetTimestamp())
        {
            Histograms = _histograms,
            Named = _named,
            HasAllSeries = hasAllSeries,
            HasAllHistograms = hasAllHistograms,
        };

    private static MeterSeries Free<T>(MeterSeries series, Dictionary<MeterSeries, T> taken)
    {
        MeterSeries free = series;
        for (int number = 2; taken.ContainsKey(free); number++)
        {
            string mark = string.Create(CultureInfo.InvariantCulture, $"#{number}");
            free = series with { Tags = series.Tags.Length == 0 ? mark : $"{series.Tags},{mark}" };
        }

        return free;
    }
}
