namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>Two consecutive collections: the later one gives values, the difference gives rates.</summary>
/// <param name="now">The later one.</param>
/// <param name="before">The earlier one; null when there is none yet.</param>
internal sealed class MeterReading(MeterCollection now, MeterCollection? before)
{
    private const double MillisecondsPerSecond = 1000;

    /// <summary>
    /// The sum of all series of an instrument, or of those with a tag; null when the process does not publish it, or when some of its
    /// series may be missing.
    /// </summary>
    public double? Value(Instrument instrument, string? tag = null) => Sum(now, instrument, tag);

    /// <summary>The growth of that sum per second; null when it is not known.</summary>
    public double? PerSecond(Instrument instrument, string? tag = null)
    {
        // The instrument must have been there: then a series that was not had counted nothing.
        if (before is null || Sum(before, instrument, null) is null || Sum(now, instrument, tag) is not { } value) return null;
        double grown = value - (Sum(before, instrument, tag) ?? 0);
        return Seconds > 0 && grown >= 0 ? grown / Seconds : null;
    }

    /// <summary>
    /// The values per second that a histogram recorded, over all its series or those of some tags; null when that is not known, because the
    /// process does not publish it, or publishes more series than it is allowed to.
    /// </summary>
    public double? RecordsPerSecond(Instrument instrument, Func<string, bool>? tags = null)
    {
        bool isWhole = now is { HasAllSeries: true, HasAllHistograms: true };
        if (before is null || !isWhole || !now.Histograms.Keys.Any(k => k.Instrument == instrument)) return null;
        double grown = 0;
        foreach ((MeterSeries series, HistogramReading reading) in now.Histograms)
        {
            if (series.Instrument != instrument || tags?.Invoke(series.Tags) == false) continue;
            if (reading.Total is not { } total) return null;
            // A series that was not there had recorded nothing.
            grown += total - (before.Histograms.GetValueOrDefault(series).Total ?? 0);
        }

        return Seconds > 0 ? grown / Seconds : null;
    }

    /// <summary>The series of a histogram by their tags.</summary>
    public IEnumerable<(string Tags, HistogramReading Reading)> Histograms(Instrument instrument) => now.Histograms
        .Where(h => h.Key.Instrument == instrument)
        .Select(h => (h.Key.Tags, h.Value));

    /// <summary>The series of what the user names.</summary>
    public IEnumerable<KeyValuePair<MeterSeries, NamedReading>> Named => now.Named;

    /// <summary>The growth per second of a counter or histogram that the user names; null when it is not known.</summary>
    public double? NamedPerSecond(MeterSeries series)
    {
        if (before is null || Total(now) is not { } total) return null;
        // What a counter was before it was first seen is not known; a histogram counts from then on.
        bool isHistogram = now.Named[series].Kind == InstrumentKind.Histogram;
        if ((Total(before) ?? (isHistogram ? 0 : null)) is not { } earlier) return null;
        return Seconds > 0 && total >= earlier ? (total - earlier) / Seconds : null;

        double? Total(MeterCollection collection) => !collection.Named.TryGetValue(series, out NamedReading? reading) ? null
            : reading.Kind == InstrumentKind.Histogram ? reading.Histogram.Total
            : reading.Value;
    }

    /// <summary>An instrument's values by the value of its one tag.</summary>
    public IEnumerable<(string Tag, double Value)> ByTag(Instrument instrument) => now.Values
        .Where(v => v.Key.Instrument == instrument && v.Key.Tags.Length > 0)
        .Select(v => (v.Key.Tags[(v.Key.Tags.IndexOf('=', StringComparison.Ordinal) + 1)..], v.Value));

    private double Seconds => before is null ? 0 : (now.Milliseconds - before.Milliseconds) / MillisecondsPerSecond;

    private static double? Sum(MeterCollection collection, Instrument instrument, string? tag)
    {
        double? sum = null;
        foreach ((MeterSeries series, double value) in collection.Values)
        {
            if (series.Instrument != instrument || (tag is not null && !series.Tags.Split(',').Contains(tag))) continue;
            // A series without tags is the only one, and so is one with this tag alone; of others some may be missing.
            if (series.Tags.Length > 0 && series.Tags != tag && !collection.HasAllSeries) return null;
            sum = (sum ?? 0) + value;
        }

        return sum;
    }
}
