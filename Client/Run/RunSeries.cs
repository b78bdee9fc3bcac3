using RawEcho.Client.Results;
using RawEcho.Client.Statistics;
using RawEcho.Client.Units;
using RawEcho.CommandLine;

namespace RawEcho.Client.Run;

/// <summary>Several runs of one load, one after the other (--repeat). A run that fails ends the series.</summary>
/// <param name="count">How many runs.</param>
/// <param name="conditions">What the medians are held against.</param>
/// <param name="talk">For a line for each run.</param>
internal sealed class RunSeries(int count, IReadOnlyList<FailCondition> conditions, TextWriter talk)
{
    private readonly List<RunResult> _runs = [];

    /// <summary>Makes the runs.</summary>
    /// <param name="run">Makes the run of that number, from 1.</param>
    /// <param name="stop">Completes when the user wants no more.</param>
    public async Task<RepeatResult> RunAsync(Func<int, Task<RunResult>> run, Task stop)
    {
        DateTimeOffset started = DateTimeOffset.UtcNow;
        while (_runs.Count < count && !stop.IsCompleted && _runs.All(r => r.ExitCode == ExitCode.Success))
        {
            RunResult result = await run(_runs.Count + 1);
            _runs.Add(result);
            await talk.WriteLineAsync(FormattableString.Invariant($"Run {_runs.Count} of {count}: {RepeatText.Brief(result)}"));
        }

        return Build(started, isInterrupted: _runs.Any(r => r.Interrupted) || (_runs.Count < count && stop.IsCompleted));
    }

    private RepeatResult Build(DateTimeOffset started, bool isInterrupted)
    {
        IReadOnlyList<RunResult> complete = RepeatResult.CompleteOf(_runs);
        int failed = _runs.Select(r => r.ExitCode).FirstOrDefault(c => c != ExitCode.Success);
        var result = new RepeatResult
        {
            StartedAt = started,
            Machine = MachineResult.Here(),
            Asked = count,
            Complete = complete.Count,
            Interrupted = isInterrupted,
            Figures = FigureResult.Of(complete),
            Runs = _runs,
            Errors = [.. _runs.SelectMany(r => r.Errors).GroupBy(e => e.Kind).Select(Add)],
            Conditions = [],
            ExitCode = failed == ExitCode.Success && isInterrupted ? ExitCode.Interrupted : failed,
        };
        // A run has conditions of its own only where --abort-if ended it, or failed it.
        ConditionResult[] evaluated =
            [.. _runs.SelectMany(r => r.Conditions), .. conditions.Select(c => Evaluate(c, complete, result.Incomplete()))];
        return result with { Conditions = evaluated, ExitCode = Verdict.ExitCodeOf(result.ExitCode, evaluated) };
    }

    private static ConditionResult Evaluate(FailCondition condition, IReadOnlyList<RunResult> complete, string? incomplete)
    {
        ConditionResult result = condition.Evaluate(m => Median(complete, m), incomplete);
        return result.Actual is { } actual
            ? result with { Actual = $"{actual} (median of {Quantity.Count(complete.Count, "run")})" }
            : result;
    }

    private static MetricValue? Median(IReadOnlyList<RunResult> runs, string metric)
    {
        MetricValue?[] values = [.. runs.Select(r => RunMetrics.Find(r, metric))];
        return values.Contains(null) ? null : new MetricValue(FigureSample.Of([.. values.Select(v => v!.Value.Value)])?.Median);
    }

    // Clients of one run are those of the next one, too: how many different ones there were is not known.
    private static ErrorResult Add(IEnumerable<ErrorResult> same) => same.Count() == 1
        ? same.First()
        : same.First() with { Count = same.Sum(e => e.Count), Clients = null };
}
