namespace RawEcho.Client.Results;

/// <summary>The values of a run that --fail-if may ask for.</summary>
internal static class RunMetrics
{
    /// <summary>Finds a value; latencies in nanoseconds.</summary>
    /// <returns>Null when a run has no such thing.</returns>
    public static double? Find(RunResult run, string metric) => metric switch
    {
        "rps" => run.RoundTripsPerSecond,
        "errors" => run.Errors.Sum(e => e.Count),
        "mismatches" => run.Mismatches,
        "unanswered" => run.Unanswered,
        "late" => run.Rate?.Late,
        "unsent" => run.Rate?.Unsent,
        _ when StatusRule.TryParse(metric, out StatusRule? rule) => run.Http?.Count(rule),
        _ when metric.StartsWith("service-", StringComparison.Ordinal) => Latency(run.ServiceLatency, metric),
        _ when metric.StartsWith("corrected-", StringComparison.Ordinal) => Latency(run.CorrectedLatency, metric),
        _ when metric.Contains('-') => null,
        _ => Latency(run.Latency(), metric),
    };

    /// <summary>A latency by its name: p99, or max.</summary>
    public static double? Latency(LatencyResult? latency, string metric)
    {
        if (latency is null) return null;
        return FailCondition.Percent(metric) is { } percent ? latency.ToHistogram().Percentile(percent) : latency.MaxNs;
    }
}
