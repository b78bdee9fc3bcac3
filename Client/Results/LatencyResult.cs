using System.Globalization;
using RawEcho.Client.Load;
using RawEcho.Client.Units;

namespace RawEcho.Client.Results;

/// <summary>
/// Latencies as they are published: percentiles to read, and the histogram they come from, so that results can be merged.
/// </summary>
internal sealed record LatencyResult
{
    /// <summary>The percentiles that are shown.</summary>
    public static readonly IReadOnlyList<double> Shown = [50, 75, 90, 95, 99, 99.9, 99.99];

    /// <summary>How many latencies there are.</summary>
    public required long Count { get; init; }

    /// <summary>The largest, exactly; null when there is none.</summary>
    public required long? MaxNs { get; init; }

    /// <summary>The value that so many percent do not exceed, within 0.1 %.</summary>
    public required IReadOnlyList<PercentileResult> Percentiles { get; init; }

    /// <summary>Pairs of the highest value of a bucket, nanoseconds, and how many latencies fell into it; lowest first.</summary>
    public required IReadOnlyList<long[]> Histogram { get; init; }

    public static LatencyResult Of(LatencyHistogram histogram) => new()
    {
        Count = histogram.Count,
        MaxNs = histogram.Max,
        Percentiles = [.. Shown.Select(p => new PercentileResult(p, histogram.Percentile(p)))],
        Histogram = [.. histogram.Buckets.Select(b => new[] { b.UpTo, b.Count })],
    };

    /// <summary>The histogram again, as it was.</summary>
    public LatencyHistogram ToHistogram()
    {
        var histogram = new LatencyHistogram();
        foreach (long[] bucket in Histogram) histogram.Record(bucket[0], bucket[1], MaxNs!.Value);
        return histogram;
    }

    /// <summary>Percentiles and the maximum in one line; no latencies where there are none.</summary>
    public string ToText()
    {
        if (Count == 0) return "none";
        IEnumerable<string> percentiles =
            Percentiles.Select(p => string.Create(CultureInfo.InvariantCulture, $"p{p.Percent:0.##} {Quantity.Time(p.Ns)}"));
        return string.Join(", ", percentiles.Append($"max {Quantity.Time(MaxNs)}"));
    }

    /// <summary>Checks what was read from a file.</summary>
    /// <returns>False when it cannot have come from a histogram.</returns>
    public bool IsSound() =>
        Count >= 0 && (Count == 0 || MaxNs >= 0) && Histogram.All(b => b is [>= 0, > 0]) && Histogram.Sum(b => b[1]) == Count;
}

/// <summary>A percentile.</summary>
/// <param name="Percent">How many percent of all latencies do not exceed the value.</param>
/// <param name="Ns">The value, nanoseconds; null when there are no latencies.</param>
internal sealed record PercentileResult(double Percent, long? Ns);
