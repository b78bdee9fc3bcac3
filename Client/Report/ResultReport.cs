using System.Globalization;
using RawEcho.Client.Load;
using RawEcho.Client.Results;

namespace RawEcho.Client.Report;

/// <summary>Makes a <see cref="RunReport"/> of a result: of a run that has just ended, of one that was read, or of merged ones.</summary>
internal static class ResultReport
{
    private const int PointsPerNine = 10;

    /// <param name="result">The result of a run, judged.</param>
    /// <param name="tool">Program and version.</param>
    public static RunReport Of(RunResult result, string tool) => new()
    {
        Target = string.Join(", ", result.Settings.Servers.Select(s => s.Name)),
        Tool = tool,
        Started = result.StartedAt,
        Elapsed = TimeSpan.FromSeconds(result.Seconds),
        Interrupted = result.Interrupted,
        Connections = result.Settings.Clients,
        TargetRate = result.Settings.Rate,
        Settings = [.. Settings(result)],
        Totals = new RunTotals
        {
            RoundTrips = result.RoundTrips,
            BytesSent = result.BytesSent,
            BytesReceived = result.BytesReceived,
            Mismatches = result.Mismatches,
            Unanswered = result.Unanswered,
            SentLate = result.Rate?.Late,
            NotSent = result.Rate?.Unsent,
            Errors = result.Errors.Sum(e => e.Count),
            ConnectionsLost = result.Connections.Lost,
            ConnectionsReplaced = result.Connections.Replaced,
        },
        Service = Summary(result.ServiceLatency),
        Corrected = result.CorrectedLatency is { } corrected ? Summary(corrected) : null,
        Seconds = [.. result.Series.Select(s => Second(s, result.CorrectedLatency is not null))],
        Errors = [.. result.Errors.Select(e => new RunError(e.Kind, e.Count, e.First))],
        Conditions = [.. result.Conditions.Select(c => new RunCondition(c.Condition, c.Met, c.Actual))],
    };

    private static RunSecond Second(SecondResult second, bool isCorrected)
    {
        StepLatency? latency = isCorrected ? second.CorrectedLatency : second.ServiceLatency;
        return new RunSecond(second.At, second.RoundTripsPerSecond, latency?.P50Ns, latency?.P99Ns, latency?.MaxNs, second.Errors);
    }

    private static LatencySummary Summary(LatencyResult latency)
    {
        LatencyHistogram histogram = latency.ToHistogram();
        // No further than the values go: of a thousand of them nobody knows the 99.99th percentile.
        double nines = latency.Count > 1 ? Math.Log10(latency.Count) : 0;
        double[] percentiles = [.. Enumerable.Range(0, (int)(nines * PointsPerNine) + 1).Select(i => 100 * (1 - Math.Pow(10, -(double)i / PointsPerNine)))];
        return new LatencySummary
        {
            Count = latency.Count,
            Percentiles = [.. latency.Percentiles.Select(p => new PercentileValue(p.Percent, p.Ns))],
            Curve = [.. percentiles.Select(p => new PercentileValue(p, histogram.Percentile(p)))],
            MaxNs = latency.MaxNs,
        };
    }

    private static IEnumerable<(string Name, string Value)> Settings(RunResult result)
    {
        SettingsResult s = result.Settings;
        foreach (ServerResult server in s.Servers) yield return ("server", $"{server.Name} ({string.Join(", ", server.Addresses)})");
        foreach (UnreachableResult address in s.Servers.SelectMany(server => server.Unreachable))
            yield return ("unreachable address", $"{address.Why} Connections went to {address.Instead}.");
        yield return ("TLS", result.Tls is { } tls ? $"{s.Tls}, {tls.Protocol}, {tls.CipherSuite}" : s.Tls);
        yield return ("loop", s.Rate is { } rate ? $"{s.Loop}, {Show.Number(rate)} messages a second" : s.Loop);
        yield return ("clients", Number(s.Clients));
        yield return ("messages in flight on a connection", Number(s.Depth));
        yield return ("message size", $"{s.Size} bytes");
        if (s.DurationSeconds is { } duration) yield return ("duration", $"{Show.Number(duration)} s");
        if (s.Messages is { } messages) yield return ("messages", Number(messages));
        if (s.RampSeconds > 0) yield return ("ramp", $"{Show.Number(s.RampSeconds)} s");
        if (s.WarmupSeconds > 0) yield return ("warm-up", $"{Show.Number(s.WarmupSeconds)} s");
        yield return ("lost connections are replaced", s.Reconnect ? "yes" : "no");
        yield return ("seed", s.Seed.ToString(CultureInfo.InvariantCulture));
        yield return ("machine", $"{result.Machine.Name}: {result.Machine.OperatingSystem}, {result.Machine.Processors} processors, {result.Machine.Runtime}");
        foreach (MergedResult part in result.Merged ?? [])
            yield return ("merged", string.Create(CultureInfo.InvariantCulture, $"{part.File} ({part.Machine}, {part.RoundTrips:N0} round trips in {part.Seconds:0.00} s)"));
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
