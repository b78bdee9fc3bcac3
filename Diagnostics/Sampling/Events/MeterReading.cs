namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>Two consecutive collections: the later one gives values, the difference gives rates.</summary>
/// <param name="now">The later one.</param>
/// <param name="before">The earlier one; null when there is none yet.</param>
internal sealed class MeterReading(MeterCollection now, MeterCollection? before)
{
    private const double MillisecondsPerSecond = 1000;

    /// <summary>The sum of all series of an instrument, or of those with a tag; null when the process does not publish it.</summary>
    public double? Value(Instrument instrument, string? tag = null) => Sum(now, instrument, tag);

    /// <summary>The growth of that sum per second; null when it is not known.</summary>
    public double? PerSecond(Instrument instrument, string? tag = null)
    {
        // The instrument must have been there: then a series that was not had counted nothing.
        if (before is null || Sum(before, instrument, null) is null || Sum(now, instrument, tag) is not { } value) return null;
        double seconds = (now.Milliseconds - before.Milliseconds) / MillisecondsPerSecond;
        double grown = value - (Sum(before, instrument, tag) ?? 0);
        return seconds > 0 && grown >= 0 ? grown / seconds : null;
    }

    /// <summary>An instrument's values by the value of its one tag.</summary>
    public IEnumerable<(string Tag, double Value)> ByTag(Instrument instrument) => now.Values
        .Where(v => v.Key.Instrument == instrument && v.Key.Tags.Length > 0)
        .Select(v => (v.Key.Tags[(v.Key.Tags.IndexOf('=', StringComparison.Ordinal) + 1)..], v.Value));

    private static double? Sum(MeterCollection collection, Instrument instrument, string? tag)
    {
        double? sum = null;
        foreach ((MeterSeries series, double value) in collection.Values)
        {
            if (series.Instrument == instrument && (tag is null || series.Tags.Split(',').Contains(tag))) sum = (sum ?? 0) + value;
        }

        return sum;
    }
}
