using System.Globalization;
using RawEcho.Client.Load;
using RawEcho.Client.Results;
using RawEcho.CommandLine;

namespace RawEcho.Client.Merge;

/// <summary>
/// Makes one result of several, as if one machine had made all of them at the same time. Histograms are added bucket by bucket, so a
/// percentile of the whole is as exact as one of a part; percentiles themselves cannot be merged.
/// </summary>
internal static class ResultMerger
{
    /// <param name="files">Where the results come from.</param>
    /// <param name="results">The results, in the same order; at least one.</param>
    /// <param name="fleet">The fleet that they are of; null for none.</param>
    /// <exception cref="CommandException">Two of them hold the same run.</exception>
    public static RunResult Merge(IReadOnlyList<string> files, IReadOnlyList<RunResult> results, FleetSet? fleet = null)
    {
        (string File, MergedResult Run)[] runs = [.. results.SelectMany((r, i) => RunsOf(files[i], r).Select(run => (files[i], run)))];
        RefuseRepeated(runs);
        RunResult first = results[0];
        double seconds = results.Max(r => r.Seconds);
        long roundTrips = results.Sum(r => r.RoundTrips);
        long afterEnd = results.Sum(r => r.RoundTripsAfterEnd);
        bool allOpen = results.All(r => r.Rate is not null);
        IEnumerable<IReadOnlyList<SecondResult>> all = results.Select(r => r.Series);
        SettingsResult settings = MergedSettings.Of([.. results.Select(r => r.Settings)]);
        return new RunResult
        {
            StartedAt = results.Min(r => r.StartedAt),
            Start = fleet?.ToStart(),
            Fleet = fleet?.ToResult(),
            Machine = MachineResult.Here(),
            Settings = fleet is { Missing.Count: 0 } ? Whole(settings, results[0].Fleet!) : settings,
            Tls = results.All(r => r.Tls == first.Tls) ? first.Tls : null,
            Seconds = seconds,
            Interrupted = results.Any(r => r.Interrupted),
            Aborted = results.Any(r => r.Aborted),
            RoundTrips = roundTrips,
            RoundTripsPerSecond = seconds > 0 ? (roundTrips - afterEnd) / seconds : null,
            RoundTripsAfterEnd = afterEnd,
            Unanswered = results.Sum(r => r.Unanswered),
            MessagesSentAgain = results.All(r => r.MessagesSentAgain is not null) ? results.Sum(r => r.MessagesSentAgain) : null,
            BytesSent = results.Sum(r => r.BytesSent),
            BytesReceived = results.Sum(r => r.BytesReceived),
            MbitSent = MergeBitRates(results, r => r.MbitSent, seconds),
            MbitReceived = MergeBitRates(results, r => r.MbitReceived, seconds),
            Mismatches = results.Sum(r => r.Mismatches),
            Connections = new ConnectionsResult(
                results.Sum(r => r.Connections.Opened),
                results.Sum(r => r.Connections.Lost),
                results.Sum(r => r.Connections.Replaced)),
            Churn = results.All(r => r.Churn is not null) ? MergeChurn([.. results.Select(r => r.Churn!)]) : null,
            Http = results.All(r => r.Http is not null) ? HttpResult.Merge([.. results.Select(r => r.Http!)]) : null,
            Rate = allOpen ? MergeRates(results) : null,
            ServiceLatency = MergeLatency(results.Select(r => r.ServiceLatency)),
            // A corrected latency beside one that is not would be neither.
            CorrectedLatency = allOpen ? MergeLatency(results.Select(r => r.CorrectedLatency!)) : null,
            Series = MergeSeries(fleet is null ? [.. all] : AlignedSeries.Of(all, fleet.Step)),
            Errors = [.. results.SelectMany(r => r.Errors).GroupBy(e => e.Kind).Select(MergeErrors)],
            Conditions = [],
            // Conditions of the parts were about the parts; what failed otherwise stays failed.
            ExitCode = results.Select(r => r.ExitCode)
                .FirstOrDefault(c => c is not ExitCode.Success and not ExitCode.ConditionMet),
            Merged = [.. runs.Select(r => r.Run)],
        };
    }

    /// <summary>What makes a merged result doubtful, a sentence each.</summary>
    public static IEnumerable<string> Doubts(IReadOnlyList<RunResult> results)
    {
        if (results.Any(r => r.Rate is null) && results.Any(r => r.Rate is not null))
            yield return "Some of these runs had a rate and some had none: only service latencies are merged.";
        if (MergedSettings.Differences([.. results.Select(r => r.Settings)]) is { Count: > 0 } differences)
            yield return $"These runs were made with different settings: {string.Join("; ", differences)}.";
        DateTimeOffset lastStart = results.Max(r => r.StartedAt);
        DateTimeOffset firstEnd = results.Min(
            r => r.StartedAt.AddSeconds((r.Settings.RampSeconds ?? 0) + (r.Settings.WarmupSeconds ?? 0) + r.Seconds));
        if (lastStart > firstEnd)
            yield return "These runs were not made at the same time: their rates add up, but no server has seen the sum.";
    }

    /// <summary>Refuses a run that counts twice.</summary>
    /// <param name="results">The results, each with the file that holds it.</param>
    /// <exception cref="CommandException">Two of them hold the same run.</exception>
    public static void RefuseRepeated(IEnumerable<(string File, RunResult Result)> results) =>
        RefuseRepeated([.. results.SelectMany(r => RunsOf(r.File, r.Result).Select(run => (r.File, run)))]);

    private static IReadOnlyList<MergedResult> RunsOf(string file, RunResult result) => result.Merged
        ?? [new MergedResult(file, result.Machine.Name, result.StartedAt, result.Seconds, result.RoundTrips)
        {
            Id = result.Id,
            FleetMember = result.Fleet is null ? null : FleetMemberResult.Of(result),
        }];

    // As they were asked for: sums of shares may differ from that behind the comma.
    private static SettingsResult Whole(SettingsResult sum, FleetResult fleet) =>
        sum with { Clients = fleet.Clients, Rate = fleet.Rate, Stages = fleet.Stages, Messages = fleet.Messages };

    private static void RefuseRepeated((string File, MergedResult Run)[] runs)
    {
        for (int i = 1; i < runs.Length; i++)
        {
            if (runs.Take(i).FirstOrDefault(r => r.Run.IsSameRunAs(runs[i].Run)) is not { Run: not null } first) continue;
            string started = runs[i].Run.StartedAt.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            throw new CommandException(
                ExitCode.Usage,
                $"{first.File} and {runs[i].File} hold the same run ({runs[i].Run.Machine}, {started}): each run counts once.");
        }
    }

    private static RateResult MergeRates(IReadOnlyList<RunResult> results) => new(
        results.Sum(r => r.Rate!.Asked),
        results.Sum(r => r.Rate!.Late),
        results[0].Rate!.LateAfterNs,
        results.Sum(r => r.Rate!.Unsent))
    {
        LateBecause = Sum(results.Select(r => r.Rate!.LateBecause)),
        UnsentBecause = Sum(results.Select(r => r.Rate!.UnsentBecause)),
    };

    // Of results that do not all know it, nobody knows it.
    private static LateResult? Sum(IEnumerable<LateResult?> parts) =>
        parts.Aggregate((LateResult?)LateResult.None, (sum, part) => part is null ? null : sum?.Plus(part));

    // By the longest time, as the rate of round trips.
    private static double? MergeBitRates(IReadOnlyList<RunResult> results, Func<RunResult, double?> rate, double seconds) =>
        seconds > 0 && results.All(r => rate(r) is not null) ? results.Sum(r => rate(r) * r.Seconds) / seconds : null;

    private static ChurnResult MergeChurn(IReadOnlyList<ChurnResult> parts) => new(
        parts.Sum(c => c.Opened),
        parts.All(c => c.Resumed is not null) ? parts.Sum(c => c.Resumed) : null,
        parts.All(c => c.HandshakeLatency is not null) ? MergeLatency(parts.Select(c => c.HandshakeLatency!)) : null);

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
    private static IReadOnlyList<SecondResult> MergeSeries(IReadOnlyList<IReadOnlyList<SecondResult?>> series) =>
    [
        .. Enumerable.Range(0, series.Max(s => s.Count)).Select(i =>
        {
            SecondResult[] steps = [.. series.Where(s => i < s.Count).Select(s => s[i]).OfType<SecondResult>()];
            long roundTrips = steps.Sum(s => s.RoundTrips);
            return new SecondResult
            {
                At = steps.Max(s => s.At),
                Seconds = steps.Max(s => s.Seconds),
                RoundTrips = roundTrips,
                RoundTripsPerSecond = steps.Max(s => s.Seconds) is > 0 and var seconds ? Math.Round(roundTrips / seconds, 3) : null,
                BytesSent = steps.All(s => s.BytesSent is not null) ? steps.Sum(s => s.BytesSent) : null,
                BytesReceived = steps.All(s => s.BytesReceived is not null) ? steps.Sum(s => s.BytesReceived) : null,
                MbitSent = steps.All(s => s.MbitSent is not null) ? steps.Sum(s => s.MbitSent) : null,
                MbitReceived = steps.All(s => s.MbitReceived is not null) ? steps.Sum(s => s.MbitReceived) : null,
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
