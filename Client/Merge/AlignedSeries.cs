using RawEcho.Client.Results;

namespace RawEcho.Client.Merge;

/// <summary>
/// The steps of a time series by their times since the start that all members of a fleet have in common: on a busy machine one may be
/// missing, and the one behind it holds what was in both.
/// </summary>
internal static class AlignedSeries
{
    // A step ends a little behind its time, more so on a busy machine.
    private const double Slack = 0.25;

    /// <summary>All series with as many steps; null for a time at which one has none.</summary>
    /// <param name="all">The series.</param>
    /// <param name="seconds">How long a step is.</param>
    public static IReadOnlyList<IReadOnlyList<SecondResult?>> Of(IEnumerable<IReadOnlyList<SecondResult>> all, double seconds) =>
        [.. all.Select(series => Align(series, seconds))];

    private static List<SecondResult?> Align(IReadOnlyList<SecondResult> series, double seconds)
    {
        var aligned = new List<SecondResult?>();
        foreach (SecondResult step in series)
        {
            int index = Math.Max(0, (int)Math.Ceiling((step.At / seconds) - Slack) - 1);
            while (aligned.Count <= index) aligned.Add(null);
            aligned[index] = aligned[index] is { } before ? Join(before, step) : step;
        }

        return aligned;
    }

    // Two steps of one series that end at nearly the same time: the last one is short where the duration is no multiple of a step.
    private static SecondResult Join(SecondResult first, SecondResult second)
    {
        double seconds = first.Seconds + second.Seconds;
        double? PerSecond(double? of, double? and) => seconds > 0 ? ((of * first.Seconds) + (and * second.Seconds)) / seconds : null;
        return new SecondResult
        {
            At = second.At,
            Seconds = seconds,
            RoundTrips = first.RoundTrips + second.RoundTrips,
            RoundTripsPerSecond = PerSecond(first.RoundTripsPerSecond ?? 0, second.RoundTripsPerSecond ?? 0),
            BytesSent = first.BytesSent + second.BytesSent,
            BytesReceived = first.BytesReceived + second.BytesReceived,
            MbitSent = PerSecond(first.MbitSent ?? 0, second.MbitSent ?? 0),
            MbitReceived = PerSecond(first.MbitReceived ?? 0, second.MbitReceived ?? 0),
            Errors = first.Errors + second.Errors,
            ServiceLatency = Worst(first.ServiceLatency, second.ServiceLatency),
            CorrectedLatency = Worst(first.CorrectedLatency, second.CorrectedLatency),
        };
    }

    private static StepLatency? Worst(StepLatency? first, StepLatency? second) =>
        first is null || second is null ? first ?? second : new StepLatency(null, null, Math.Max(first.MaxNs, second.MaxNs));
}
