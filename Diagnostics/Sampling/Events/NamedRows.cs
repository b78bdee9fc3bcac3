using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>Rows of the meters and counters that the user names.</summary>
internal static class NamedRows
{
    public static void Add(SampleValues values, MeterReading meters)
    {
        foreach ((MeterSeries series, NamedReading reading) in meters.Named)
        {
            if (reading.Kind == InstrumentKind.Histogram) AddHistogram(values, series, reading, meters);
            else Add(values, series, reading, reading.Kind == InstrumentKind.Counter ? meters.NamedPerSecond(series) : reading.Value);
        }
    }

    public static void Add(SampleValues values, CounterStream counters, TimeSpan maxAge)
    {
        foreach (NamedCounter counter in counters.Named(maxAge))
        {
            NamedValue kind = counter.IsIncrement ? NamedValue.Rate : NamedValue.Mean;
            values.Set(NamedMetric.OfCounter(counter.Source, counter.Name, kind, counter.Unit), counter.Value);
        }
    }

    private static void AddHistogram(SampleValues values, MeterSeries series, NamedReading reading, MeterReading meters)
    {
        Set(NamedValue.Count, meters.NamedPerSecond(series));
        Set(NamedValue.P50, reading.Histogram.P50);
        Set(NamedValue.P95, reading.Histogram.P95);
        Set(NamedValue.P99, reading.Histogram.P99);

        void Set(NamedValue kind, double? value) => NamedRows.Set(values, series, kind, reading.Unit, value);
    }

    private static void Add(SampleValues values, MeterSeries series, NamedReading reading, double? value)
    {
        NamedValue kind = reading.Kind switch
        {
            InstrumentKind.Counter => NamedValue.Rate,
            InstrumentKind.Changes => NamedValue.Change,
            _ => NamedValue.Value,
        };
        Set(values, series, kind, reading.Unit, value);
    }

    private static void Set(SampleValues values, MeterSeries series, NamedValue kind, string unit, double? value)
    {
        Metric metric = NamedMetric.OfMeter(series.Instrument.Meter, series.Instrument.Name, kind, unit);
        // Names that are the same once they are shortened: the first is right, and a sum of the two would not be.
        if (values.Has(metric, series.Tags)) return;
        if (series.Tags.Length == 0) values.Set(metric, value);
        else values.Set(metric, series.Tags, value);
    }
}
