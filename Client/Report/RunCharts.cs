using RawEcho.Charts;

namespace RawEcho.Client.Report;

/// <summary>The charts of a load run.</summary>
internal static class RunCharts
{
    // One colour for one thing: the tail is what one looks for, so p99 has the palette's warm colour.
    private const int Calm = 0, Tail = 1, Extreme = 3;
    private const double NanosecondsPerSecond = 1e9;

    public static IEnumerable<Chart> OverTime(RunReport report)
    {
        var rate = new Series("round trips per second", Points(report, s => s.RoundTripsPerSecond), Calm);
        yield return new Chart
        {
            Title = "Throughput",
            Note = "Round trips in each second.",
            YName = "round trips per second",
            YUnit = Unit.PerSecond,
            Kind = ChartKind.Area,
            Series = report.TargetRate is { } asked ? [rate, new Series("asked for", Points(report, _ => asked), Tail, IsDashed: true)] : [rate],
        };

        List<Series> latencies =
        [
            new("p50", Points(report, s => s.P50Ns / NanosecondsPerSecond), Calm),
            new("p99", Points(report, s => s.P99Ns / NanosecondsPerSecond), Tail),
        ];
        if (report.Seconds.Any(s => s.MaxNs is not null)) latencies.Add(new Series("max", Points(report, s => s.MaxNs / NanosecondsPerSecond), Extreme));
        yield return new Chart
        {
            Title = report.Corrected is null ? "Latency" : "Corrected latency",
            Note = "Of the echoes in each second. A gap is a second without any.",
            YName = "latency",
            YUnit = Unit.Seconds,
            MayBeLogarithmic = true,
            Series = latencies,
        };

        if (report.Seconds.Any(s => s.Errors > 0))
        {
            yield return new Chart
            {
                Title = "Errors",
                Note = "Failures in each second; seconds without any show none.",
                YName = "errors",
                YUnit = Unit.Count,
                Kind = ChartKind.Stem,
                Series = [new Series("errors", Points(report, s => s.Errors), Tail)],
            };
        }
    }

    public static Chart ByPercentile(RunReport report) => new()
    {
        Title = report.Corrected is null ? "Latency by percentile" : "Corrected and service latency by percentile",
        Note = "How long the round trips took, from the fastest to the rarest.",
        YName = "latency",
        YUnit = Unit.Seconds,
        X = XAxisKind.Percentile,
        MayBeLogarithmic = true,
        Series = report.Corrected is { } corrected
            ? [new Series("corrected", Curve(corrected), Tail), new Series("service", Curve(report.Service), Calm)]
            : [new Series("latency", Curve(report.Service), Calm)],
    };

    private static DataPoint[] Points(RunReport report, Func<RunSecond, double?> value) => [.. report.Seconds.Select(s => new DataPoint(s.At, value(s)))];

    // 100 % lies at infinity; the largest value stands in the table and not in the curve.
    private static DataPoint[] Curve(LatencySummary summary) =>
        summary.Count == 0 ? [] : [.. summary.Curve.Where(p => p.Percentile < 100).Select(p => new DataPoint(p.Percentile, p.Ns / NanosecondsPerSecond))];
}
