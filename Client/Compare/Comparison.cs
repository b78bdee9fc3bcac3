using RawEcho.Client.Results;
using RawEcho.Client.Statistics;
using RawEcho.CommandLine;

namespace RawEcho.Client.Compare;

/// <summary>
/// Compares samples of runs, figure by figure. Several runs on both sides are compared by their ranks. One run each shows the noise inside
/// it and not that between runs: then the most that can be said is that a change is no more than noise.
/// </summary>
/// <param name="alpha">A change is more than noise where its p value is below this.</param>
internal sealed class Comparison(double alpha)
{
    public const string OneEach = "one run each does not show the noise between runs; use --repeat 5";

    /// <param name="files">At least two.</param>
    /// <param name="conditions">What the comparison fails by.</param>
    public ComparisonResult Of(IReadOnlyList<ComparedResult> files, IReadOnlyList<ChangeCondition> conditions)
    {
        IReadOnlyList<Figure> figures = Figure.Of([.. files.SelectMany(f => f.Results)]);
        ComparedResult first = files[0];
        ConditionResult[] evaluated =
        [
            .. files.Skip(1).SelectMany(f => conditions.Select(c => c.Evaluate(
                Change(c.Figure, first.Results, f.Results), files.Count > 2 ? f.Label : null))),
        ];
        int failed = files.Select(f => f.ExitCode).FirstOrDefault(c => c != ExitCode.Success);
        return new ComparisonResult
        {
            Alpha = alpha,
            Files = files,
            Differences = SettingDifferences.Of(files),
            Changes = [.. files.Skip(1).Select(f => Change(figures, first, f))],
            Conditions = evaluated,
            ExitCode = Verdict.ExitCodeOf(failed, evaluated),
        };
    }

    private FileChange Change(IEnumerable<Figure> figures, ComparedResult first, ComparedResult other)
    {
        string test = (first.Runs, other.Runs) == (1, 1) ? FileChange.Single
            : CanTest(first.Runs, other.Runs) ? FileChange.Rank
            : FileChange.TooFew;
        return new FileChange(other.File, test, [.. figures.Select(f => Change(f, first.Results, other.Results))]);
    }

    private bool CanTest(int first, int second) => MannWhitney.LeastPValue(first, second) < alpha;

    private FigureChange Change(Figure figure, IReadOnlyList<RunResult> before, IReadOnlyList<RunResult> after)
    {
        FigureSample? old = FigureSample.Of([.. before.Select(figure.Of)]), now = FigureSample.Of([.. after.Select(figure.Of)]);
        // Corrected latencies beside those of the service are no sample.
        bool isMixed = figure.IsFeltLatency && before.Concat(after).Select(r => r.CorrectedLatency is null).Distinct().Count() > 1;
        var change = new FigureChange
        {
            Name = figure.Name,
            Unit = figure.UnitName,
            Old = old,
            New = now,
            ChangePercent = old is null || now is null || isMixed ? null : Percent(old.Median, now.Median),
            PValue = null,
            Verdict = FigureChange.Absent,
        };
        if (old is null || now is null || isMixed) return change;
        if (before.Count == 1 && after.Count == 1)
        {
            return IsInsideNoise(figure, before[0], after[0])
                ? change with { Verdict = FigureChange.Noise }
                : change with { Verdict = FigureChange.Undecided, Why = OneEach };
        }

        if (!CanTest(before.Count, after.Count))
        {
            string why = FormattableString.Invariant($"{before.Count} and {after.Count} runs are too few for the test; use --repeat 5");
            return change with { Verdict = FigureChange.Undecided, Why = why };
        }

        double p = MannWhitney.PValue(old.Values, now.Values);
        bool isBetter = now.Median > old.Median == figure.MoreIsBetter;
        return change with
        {
            PValue = p,
            Verdict = p >= alpha || now.Median == old.Median ? FigureChange.Noise : isBetter ? FigureChange.Better : FigureChange.Worse,
        };
    }

    private static double? Percent(double old, double now) => old != 0 ? 100 * (now - old) / old : now == 0 ? 0 : null;

    private static bool IsInsideNoise(Figure figure, RunResult old, RunResult now) =>
        figure.Of(old) == figure.Of(now)
        || (Noise(figure, old) is { } before && Noise(figure, now) is { } after && before.Overlaps(after));

    private static NoiseInterval? Noise(Figure figure, RunResult run)
    {
        if (figure.Percentile(run) is var (latency, percent)) return NoiseInterval.OfPercentile(latency.Histogram, percent);
        Func<SecondResult, double?>? step = figure.Name switch
        {
            "rps" => s => s.RoundTripsPerSecond,
            "mbit-sent" => s => s.MbitSent,
            "mbit-received" => s => s.MbitReceived,
            _ => null,
        };
        if (step is null || run.Series.Count == 0) return null;
        // The last step may be shorter than the others.
        double whole = 0.9 * run.Series.Max(s => s.Seconds);
        double?[] values = [.. run.Series.Where(s => s.Seconds >= whole).Select(step)];
        return values.Contains(null) ? null : NoiseInterval.OfMean([.. values.Select(v => v!.Value)]);
    }
}
