using RawEcho.Client.Results;

namespace RawEcho.Client.Handshake;

/// <summary>The values of a run of handshakes that --fail-if may ask for.</summary>
internal static class HandshakeMetrics
{
    /// <summary>Tells whether handshakes have such a metric.</summary>
    /// <param name="metric">Its name.</param>
    /// <param name="full">Some have new sessions.</param>
    /// <param name="resumed">Some offer to resume one.</param>
    /// <param name="hasRate">They have a rate.</param>
    public static bool IsMeasured(string metric, bool full, bool resumed, bool hasRate) => metric switch
    {
        "rps" or "errors" or "max" => true,
        "late" or "unsent" => hasRate,
        _ when metric.StartsWith("corrected-", StringComparison.Ordinal) => hasRate,
        _ when metric.StartsWith("full-", StringComparison.Ordinal) => full,
        _ when metric.StartsWith("resumed-", StringComparison.Ordinal) => resumed,
        _ => StatusRule.TryParse(metric, out _) || (FailCondition.Percent(metric) is not null && !metric.Contains('-')),
    };

    /// <summary>Finds a value; latencies in nanoseconds. Counts are those of all kinds, other values those of the first kind.</summary>
    /// <returns>Null when there is no such thing.</returns>
    public static MetricValue? Find(HandshakeResult result, string metric)
    {
        HandshakePhaseResult first = (result.Full ?? result.Resumed)!;
        return metric switch
        {
            "rps" => new(first.HandshakesPerSecond),
            "errors" => new(Errors(result), result.Handshakes() + Errors(result)),
            "late" => result.Rate is null ? null : new(Sum(result, r => r.Late), Due(result)),
            "unsent" => result.Rate is null ? null : new(Sum(result, r => r.Unsent), Due(result)),
            _ when StatusRule.TryParse(metric, out StatusRule? rule) =>
                new(Count(result, h => h.Count(rule)), Count(result, h => h.Statuses.Sum(s => s.Count))),
            _ when metric.StartsWith("corrected-", StringComparison.Ordinal) => RunMetrics.Latency(first.CorrectedLatency, metric),
            _ when metric.StartsWith("full-", StringComparison.Ordinal) => RunMetrics.Latency(result.Full?.HandshakeLatency, metric),
            _ when metric.StartsWith("resumed-", StringComparison.Ordinal) => RunMetrics.Latency(result.Resumed?.HandshakeLatency, metric),
            _ when metric.Contains('-') => null,
            _ when metric == "max" || FailCondition.Percent(metric) is not null => RunMetrics.Latency(first.HandshakeLatency, metric),
            _ => null,
        };
    }

    private static long Errors(HandshakeResult result) => result.Errors.Sum(e => e.Count);

    private static long Count(HandshakeResult result, Func<HttpResult, long> count) =>
        Phases(result).Sum(p => p.Http is { } http ? count(http) : 0);

    private static long Sum(HandshakeResult result, Func<RateResult, long> count) => Phases(result).Sum(p => count(p.Rate!));

    // What was done, what failed, and what was not begun.
    private static long Due(HandshakeResult result) => result.Handshakes() + Errors(result) + Sum(result, r => r.Unsent);

    private static IEnumerable<HandshakePhaseResult> Phases(HandshakeResult result) =>
        new[] { result.Full, result.Resumed }.OfType<HandshakePhaseResult>();
}
