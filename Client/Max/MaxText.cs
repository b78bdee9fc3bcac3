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

    /// <summary>What a run came to where a target has its limit, nanoseconds.</summary>
    public static long Actual(LatencyResult latency, TargetResult target) =>
        target.Percent >= 100 ? latency.MaxNs : latency.ToHistogram().Percentile(target.Percent);

    /// <summary>One run in one line.</summary>
    public static string Of(MaxStepResult step, IReadOnlyList<TargetResult> targets)
    {
        string latencies = string.Join(", ", targets.Select(t => $"{Name(t)} {Quantity.Time(Actual(step.CorrectedLatency, t))}"));
        string why = step.Why is null ? string.Empty : $" ({step.Why})";
        return string.Create(
            CultureInfo.InvariantCulture, $"{step.Rate,10:N0} per second: {(step.Held ? "held" : "not held")}, {latencies}{why}");
    }

    public static string Of(MaxResult result)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
        string targets = string.Join(", ", result.Targets.Select(t => $"{Name(t)} <= {Quantity.Time(t.LimitNs)}"));
        string interrupted = result.Interrupted ? " (interrupted)" : string.Empty;
        if (result.Rate is not { } rate)
        {
            Line($"No rate held {targets}{interrupted}.");
            if (result.FailedRate is { } lowest) Line($"Lowest rate tried: {lowest:N0} per second");
            return text.ToString();
        }

        Line($"Highest rate with {targets}: {rate:N0} per second{interrupted}");
        string seconds = Quantity.Number(result.Settings.DurationSeconds!.Value);
        Line($"How sure: held in {result.Held} of {result.Runs} runs of {seconds} s{Bound(result)}.");
        return text.ToString();
    }

    private static string Bound(MaxResult result) => result.FailedRate is { } failed
        ? string.Create(CultureInfo.InvariantCulture, $"; {failed:N0} per second did not hold, so the limit lies between the two")
        : "; no higher rate was tried (--to)";
}
