namespace RawEcho.Client.Results;

/// <summary>The values of a run that --fail-if may ask for.</summary>
internal static class RunMetrics
{
    /// <summary>Tells whether a run has such a thing.</summary>
    /// <param name="metric">Its name.</param>
    /// <param name="hasRate">The run has a rate.</param>
    /// <param name="isStream">The run has no messages.</param>
    public static bool IsMeasured(string metric, bool hasRate, bool isStream = false) => metric switch
    {
        "mbit-sent" or "mbit-received" or "errors" or "mismatches" => true,
        _ when isStream => false,
        "late" or "unsent" => hasRate,
        _ when metric.StartsWith("corrected-", StringComparison.Ordinal) => hasRate,
        _ => !metric.Contains('-') || metric.StartsWith("service-", StringComparison.Ordinal),
    };

    /// <summary>Finds a value; latencies in nanoseconds.</summary>
    /// <returns>Null when a run has no such thing.</returns>
    public static MetricValue? Find(RunResult run, string metric) => metric switch
    {
        "rps" => new(run.RoundTripsPerSecond),
        "mbit-sent" => new(run.MbitSent),
        "mbit-received" => new(run.MbitReceived),
        _ when run.IsStream && metric is not ("errors" or "mismatches") => null,
        "errors" => new(Errors(run), Attempts(run)),
        "mismatches" => new(run.Mismatches, run.Connections.Opened),
        "unanswered" => new(run.Unanswered, run.RoundTrips + run.Unanswered),
        "late" => run.Rate is { } rate ? new(rate.Late, Due(run, rate)) : null,
        "unsent" => run.Rate is { } rate ? new(rate.Unsent, Due(run, rate)) : null,
        _ when StatusRule.TryParse(metric, out StatusRule? rule) =>
            run.Http is { } http ? new(http.Count(rule), http.Statuses.Sum(s => s.Count)) : null,
        _ when metric.StartsWith("service-", StringComparison.Ordinal) => Latency(run.ServiceLatency, metric),
        _ when metric.StartsWith("corrected-", StringComparison.Ordinal) => Latency(run.CorrectedLatency, metric),
        _ when metric.Contains('-') => null,
        _ => Latency(run.Latency(), metric),
    };

    private static long Errors(RunResult run) => run.Errors.Sum(e => e.Count);

    // Connections that were opened, and attempts that came to none. What was lost had been opened.
    private static long Attempts(RunResult run) => run.Connections.Opened + Errors(run) - run.Connections.Lost;

    private static long Due(RunResult run, RateResult rate) => run.RoundTrips + run.Unanswered + rate.Unsent;

    /// <summary>A latency by its name: p99, or max.</summary>
    public static MetricValue? Latency(LatencyResult? latency, string metric)
    {
        if (latency is null) return null;
        return new(FailCondition.Percent(metric) is { } percent ? latency.ToHistogram().Percentile(percent) : latency.MaxNs);
    }
}
