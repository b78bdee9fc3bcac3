using RawEcho.Client.Load;

namespace RawEcho.Client.Results;

/// <summary>The latencies of one step of the series, bucket by bucket.</summary>
/// <param name="From">Where it begins, seconds since the measurement began.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Service">Highest value of a bucket, nanoseconds, and its count.</param>
/// <param name="Corrected">The same of the corrected latencies; null without a rate.</param>
internal sealed record LatencyInterval(
    double From, double To, IReadOnlyList<(long UpTo, long Count)> Service, IReadOnlyList<(long UpTo, long Count)>? Corrected);

/// <summary>
/// Keeps the latencies of every step, for who asked for them (--hdr-log): a whole histogram each would be 240 KB a second.
/// </summary>
internal sealed class IntervalLog
{
    private readonly List<LatencyInterval> _intervals = [];

    public IReadOnlyList<LatencyInterval> Intervals => _intervals;

    /// <summary>Adds a step.</summary>
    public void Add(double from, double to, LatencyHistogram service, LatencyHistogram? corrected) =>
        _intervals.Add(new LatencyInterval(from, to, [.. service.Buckets], corrected is null ? null : [.. corrected.Buckets]));
}
