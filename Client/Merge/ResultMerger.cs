using RawEcho.Client.Load;
using RawEcho.Client.Results;

namespace RawEcho.Client.Merge;

/// <summary>
/// Makes one result of several, as if one machine had made all of them at the same time. Histograms are added bucket by bucket, so a
/// percentile of the whole is as exact as one of a part; percentiles themselves cannot be merged.
/// </summary>
internal static class ResultMerger
{
    /// <param name="files">Where the results come from.</param>
    /// <param name="results">The results, in the same order; at least one.</param>
    public static RunResult Merge(IReadOnlyList<string> files, IReadOnlyList<RunResult> results)
    {
        RunResult first = results[0];
        double seconds = results.Max(r => r.Seconds);
        long roundTrips = results.Sum(r => r.RoundTrips);
        long afterEnd = results.Sum(r => r.RoundTripsAfterEnd);
        bool allOpen = results.All(r => r.Rate is not null);
        return new RunResult
        {
            StartedAt = results.Min(r => r.StartedAt),
            Machine = MachineResult.Here(),
            Settings = MergeSettings(results),
            Tls = results.All(r => r.Tls == first.Tls) ? first.Tls : null,
            Seconds = seconds,
            Interrupted = results.Any(r => r.Interrupted),
            RoundTrips = roundTrips,
            RoundTripsPerSecond = seconds > 0 ? (roundTrips - afterEnd) / seconds : null,
            RoundTripsAfterEnd = afterEnd,
            Unanswered = results.Sum(r => r.Unanswered),
            BytesSent = results.Sum(r => r.BytesSent),
            BytesReceived = results.Sum(r => r.BytesReceived),
            Mismatches = results.Sum(r => r.Mismatches),
            Connections = new ConnectionsResult(
                results.Sum(r => r.Connections.Opened),
                results.Sum(r => r.Connections.Lost),
                results.Sum(r => r.Connections.Replaced)),
            Http = results.All(r => r.Http is not null) ? HttpResult.Merge([.. results.Select(r => r.Http!)]) : null,
            Rate = allOpen ? MergeRates(results) : null,
            ServiceLatency = MergeLatency(results.Select(r => r.ServiceLatency)),
            // A corrected latency beside one that is not would be neither.
            CorrectedLatency = allOpen ? MergeLatency(results.Select(r => r.CorrectedLatency!)) : null,
            Series = MergeSeries(results),
            Errors = [.. results.SelectMany(r => r.Errors).GroupBy(e => e.Kind).Select(MergeErrors)],
            Conditions = [],
            // Conditions of the parts were about the parts; what failed otherwise stays failed.
            ExitCode = results.Select(r => r.ExitCode)
                .FirstOrDefault(c => c is not CommandLine.ExitCode.Success and not CommandLine.ExitCode.ConditionMet),
            Merged =
            [
                .. results.SelectMany((r, i) =>
                    r.Merged ?? [new MergedResult(files[i], r.Machine.Name, r.StartedAt, r.Seconds, r.RoundTrips)]),
            ],
        };
    }

    /// <summary>What makes a merged rate doubtful; null for nothing.</summary>
    public static string? Doubt(IReadOnlyList<RunResult> results)
    {
        if (results.Any(r => r.Rate is null) && results.Any(r => r.Rate is not null))
            return "Some of these runs had a rate and some had none: only service latencies are merged.";
        DateTimeOffset lastStart = results.Max(r => r.StartedAt);
        DateTimeOffset firstEnd = results.Min(r => r.StartedAt.AddSeconds(r.Settings.RampSeconds + r.Settings.WarmupSeconds + r.Seconds));
        return lastStart > firstEnd
            ? "These runs were not made at the same time: their rates add up, but no server has seen the sum."
            : null;
    }

    private static RateResult MergeRates(IReadOnlyList<RunResult> results) => new(
        results.Sum(r => r.Rate!.Asked),
        results.Sum(r => r.Rate!.Late),
        results[0].Rate!.LateAfterNs,
        results.Sum(r => r.Rate!.Unsent));

    private static SettingsResult MergeSettings(IReadOnlyList<RunResult> results)
    {
        SettingsResult first = results[0].Settings;
        return first with
        {
            Servers = [.. results.SelectMany(r => r.Settings.Servers).GroupBy(s => s.Name).Select(MergeServers)],
            Clients = results.Sum(r => r.Settings.Clients),
            Rate = results.All(r => r.Settings.Rate is not null) ? results.Sum(r => r.Settings.Rate) : null,
            Loop = results.All(r => r.Settings.Rate is not null) ? "open" : results.All(r => r.Settings.Rate is null) ? "closed" : "mixed",
            Size = string.Join(" and ", results.Select(r => r.Settings.Size).Distinct()),
            Messages = results.All(r => r.Settings.Messages is not null) ? results.Sum(r => r.Settings.Messages) : null,
        };
    }

    private static ServerResult MergeServers(IEnumerable<ServerResult> same) => same.First() with
    {
        Unreachable = [.. same.SelectMany(s => s.Unreachable).DistinctBy(u => u.Address)],
    };

    private static ErrorResult MergeErrors(IEnumerable<ErrorResult> same) => same.First() with
    {
        Count = same.Sum(e => e.Count),
        // Clients of two machines are never the same.
        Clients = same.All(e => e.Clients is not null) ? same.Sum(e => e.Clients) : null,
    };

    private static LatencyResult MergeLatency(IEnumerable<LatencyResult> parts)
    {
        var all = new LatencyHistogram();
        foreach (LatencyResult part in parts) all.Add(part.ToHistogram());
        return LatencyResult.Of(all);
    }

    // Second by second. Percentiles of a second cannot be merged, and its histogram was not kept: only the largest value can be known.
    private static IReadOnlyList<SecondResult> MergeSeries(IReadOnlyList<RunResult> results) =>
    [
        .. Enumerable.Range(0, results.Max(r => r.Series.Count)).Select(i =>
        {
            SecondResult[] steps = [.. results.Where(r => i < r.Series.Count).Select(r => r.Series[i])];
            long roundTrips = steps.Sum(s => s.RoundTrips);
            return new SecondResult
            {
                At = steps.Max(s => s.At),
                Seconds = steps.Max(s => s.Seconds),
                RoundTrips = roundTrips,
                RoundTripsPerSecond = steps.Max(s => s.Seconds) is > 0 and var seconds ? Math.Round(roundTrips / seconds, 3) : null,
                Errors = steps.Sum(s => s.Errors),
                ServiceLatency = Worst(steps.Select(s => s.ServiceLatency)),
                CorrectedLatency = Worst(steps.Select(s => s.CorrectedLatency)),
            };
        }),
    ];

    private static StepLatency? Worst(IEnumerable<StepLatency?> parts)
    {
        StepLatency[] all = [.. parts.OfType<StepLatency>()];
        return all switch
        {
            [] => null,
            [var only] => only,
            _ => new StepLatency(null, null, all.Max(l => l.MaxNs)),
        };
    }
}
