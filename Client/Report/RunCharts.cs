using RawEcho.Charts;
using RawEcho.Client.Load;
using RawEcho.Client.Results;

namespace RawEcho.Client.Report;

/// <summary>The charts of a load run.</summary>
internal static class RunCharts
{
    // One colour for one thing: the tail is what one looks for, so p99 has the palette's warm colour.
    private const int Calm = 0, Tail = 1, Extreme = 3;
    private const int PointsPerNine = 10;
    private const double NanosecondsPerSecond = 1e9;

    public static IEnumerable<Chart> OverTime(RunResult run)
    {
        if (run.IsStream)
        {
            yield return BitRates(run);
            yield break;
        }

        var rate = new Series("round trips per second", Points(run, s => s.RoundTripsPerSecond), Calm);
        yield return new Chart
        {
            Title = "Throughput",
            Note = "Round trips in each second.",
            YName = "round trips per second",
            YUnit = Unit.PerSecond,
            Kind = ChartKind.Area,
            Series = Asked(run) is { } asked ? [rate, new Series("asked for", asked, Tail, IsDashed: true)] : [rate],
        };

        StepLatency? Felt(SecondResult second) => run.CorrectedLatency is null ? second.ServiceLatency : second.CorrectedLatency;
        List<Series> latencies =
        [
            new("p50", Points(run, s => Felt(s)?.P50Ns / NanosecondsPerSecond), Calm),
            new("p99", Points(run, s => Felt(s)?.P99Ns / NanosecondsPerSecond), Tail),
        ];
        if (run.Series.Any(s => Felt(s) is not null))
            latencies.Add(new Series("max", Points(run, s => Felt(s)?.MaxNs / NanosecondsPerSecond), Extreme));
        yield return new Chart
        {
            Title = run.CorrectedLatency is null ? "Latency" : "Corrected latency",
            Note = "Of the echoes in each second. A gap is a second without any.",
            YName = "latency",
            YUnit = Unit.Seconds,
            MayBeLogarithmic = true,
            Series = latencies,
        };

        if (run.Series.Any(s => s.MbitSent is not null)) yield return BitRates(run);
        if (run.Series.Any(s => s.Errors > 0))
        {
            yield return new Chart
            {
                Title = "Errors",
                Note = "Failures in each second; seconds without any show none.",
                YName = "errors",
                YUnit = Unit.Count,
                Kind = ChartKind.Stem,
                Series = [new Series("errors", Points(run, s => s.Errors), Tail)],
            };
        }
    }

    // Null where no rate was asked for, or, in a merged result, not one that can be said.
    private static DataPoint[]? Asked(RunResult run)
    {
        if (run.Settings.Rate is { } steady) return Points(run, _ => steady);
        if (run.Settings is not { Stages: { } stages, WarmupSeconds: { } warmup }) return null;
        var curve = RateCurve.Of(stages.Select(s => new RateStage(s.Rate, TimeSpan.FromSeconds(s.Seconds))));
        // The mean of the step, as the round trips beside it.
        return Points(run, s => s.Seconds > 0 ? curve.Between(warmup + s.At - s.Seconds, warmup + s.At) / s.Seconds : null);
    }

    private static Chart BitRates(RunResult run)
    {
        const double million = 1e6;
        return new Chart
        {
            Title = "Bit rate",
            Note = "Application data in each step, without TLS and TCP.",
            YName = "bits per second",
            YUnit = Unit.BitsPerSecond,
            Series =
            [
                new Series("sent", Points(run, s => s.MbitSent * million), Calm),
                new Series("received", Points(run, s => s.MbitReceived * million), Tail),
            ],
        };
    }

    public static Chart ByPercentile(RunResult run) => new()
    {
        Title = run.CorrectedLatency is null ? "Latency by percentile" : "Corrected and service latency by percentile",
        Note = "How long the round trips took, from the fastest to the rarest.",
        YName = "latency",
        YUnit = Unit.Seconds,
        X = XAxisKind.Percentile,
        MayBeLogarithmic = true,
        Series = run.CorrectedLatency is { } corrected
            ? [new Series("corrected", Curve(corrected), Tail), new Series("service", Curve(run.ServiceLatency), Calm)]
            : [new Series("latency", Curve(run.ServiceLatency), Calm)],
    };

    private static DataPoint[] Points(RunResult run, Func<SecondResult, double?> value) =>
        [.. run.Series.Select(s => new DataPoint(s.At, value(s)))];

    // No further than the values go: of a thousand of them nobody knows the 99.99th percentile. 100 % lies at infinity; the largest value
    // stands in the table and not in the curve.
    public static DataPoint[] Curve(LatencyResult latency)
    {
        if (latency.Count == 0) return [];
        LatencyHistogram histogram = latency.ToHistogram();
        int points = (int)(Math.Log10(latency.Count) * PointsPerNine) + 1;
        IEnumerable<double> percentiles = Enumerable.Range(0, points).Select(i => 100 * (1 - Math.Pow(10, -(double)i / PointsPerNine)));
        return [.. percentiles.Select(p => new DataPoint(p, histogram.Percentile(p)!.Value / NanosecondsPerSecond))];
    }
}
