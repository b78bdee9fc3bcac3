using System.Globalization;
using System.Text;
using RawEcho.Client.Results;
using RawEcho.Client.Units;

namespace RawEcho.Client.Max;

/// <summary>The results of a search in words.</summary>
internal static class MaxText
{
    /// <summary>p99, or max.</summary>
    public static string Name(TargetResult target) => target.Percent >= 100 ? "max" : $"p{Quantity.Number(target.Percent)}";

    /// <summary>What a run came to where a target has its limit, nanoseconds; null when it measured nothing.</summary>
    public static long? Actual(LatencyResult latency, TargetResult target) =>
        target.Percent >= 100 ? latency.MaxNs : latency.ToHistogram().Percentile(target.Percent);

    /// <summary>One run in one line.</summary>
    public static string Of(MaxStepResult step, IReadOnlyList<TargetResult> targets)
    {
        string latencies = string.Join(", ", targets.Select(t => $"{Name(t)} {Quantity.Time(Actual(step.CorrectedLatency, t))}"));
        string why = step.Why is null ? string.Empty : $" ({step.Why})";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Quantity.Rate(step.Rate),10} per second: {(step.Held ? "held" : "not held")}, {latencies}{why}");
    }

    public static string Of(MaxResult result)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
        string targets = string.Join(", ", result.Targets.Select(t => $"{Name(t)} <= {Quantity.Time(t.LimitNs)}"));
        if (result.Rate is not { } rate)
        {
            // What went wrong is told elsewhere.
            if (result.Steps.Count == 0 && !result.Interrupted) return string.Empty;
            if (result.Interrupted) Line($"Interrupted before any rate was found to hold {targets}.");
            else Line($"No rate held {targets}.");
            if (result.FailedRate is { } lowest) Line($"Lowest rate tried: {Quantity.Rate(lowest)} per second");
            return text.ToString();
        }

        string interrupted = result.Interrupted ? " so far (interrupted)" : string.Empty;
        Line($"Highest rate with {targets}: {Quantity.Rate(rate)} per second{interrupted}");
        string seconds = Quantity.Number(result.Settings.DurationSeconds!.Value);
        Line($"How sure: held in {result.Held} of {result.Runs} runs of {seconds} s{Bound(result)}.");
        return text.ToString();
    }

    private static string Bound(MaxResult result) => result switch
    {
        { Interrupted: true } => "; the search was not over",
        { FailedRate: { } failed } => $"; {Quantity.Rate(failed)} per second did not hold, so the limit lies between the two",
        _ => "; no higher rate was tried (--to)",
    };
}
