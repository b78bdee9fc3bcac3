using RawEcho.Client.Load;
using RawEcho.Client.Results;

namespace RawEcho.Client.Run;

/// <summary>
/// The time series of a run: at each step it looks at what the threads have recorded so far, and takes away what it saw at the step
/// before. So recording pays nothing for it, and the steps add up to the whole.
/// </summary>
internal sealed class SeriesRecorder(LoadRun run, FailureList failures, IntervalLog? log = null)
{
    private readonly List<SecondResult> _steps = [];
    private readonly LatencyHistogram _service = new();
    private readonly LatencyHistogram? _corrected = run.Shape.IsOpen ? new LatencyHistogram() : null;
    private LoadTotals _now = new(run.Shape.IsOpen);
    private LoadTotals _before = new(run.Shape.IsOpen);
    private (long Sent, long Received) _bytes;
    private double _at;
    private long _errors;

    /// <summary>All steps so far.</summary>
    public IReadOnlyList<SecondResult> Steps => _steps;

    /// <summary>The latencies of the last step: of the service, and the corrected ones where there is a rate.</summary>
    public (LatencyHistogram Service, LatencyHistogram? Corrected) StepLatencies => (_service, _corrected);

    /// <summary>What had been recorded at the last step.</summary>
    public LoadTotals Totals => _before;

    /// <summary>Ends a step.</summary>
    /// <param name="at">Seconds since the measurement began; less than at the step before counts as the same.</param>
    /// <param name="bytes">Application bytes that have moved since then.</param>
    public SecondResult Step(double at, (long Sent, long Received) bytes = default)
    {
        _now.Clear();
        run.AddTo(_now);
        long errors = failures.Count;
        long roundTrips = _now.RoundTrips - _before.RoundTrips;
        // On a busy machine a step of the clock may come after the end of the measurement that it did not know of yet.
        at = Math.Max(at, _at);
        double seconds = at - _at;
        if (seconds == 0 && roundTrips == 0 && errors == _errors && bytes == _bytes && _steps is [.., var last]) return last;
        var step = new SecondResult
        {
            At = Math.Round(at, 6),
            Seconds = Math.Round(seconds, 6),
            RoundTrips = roundTrips,
            RoundTripsPerSecond = seconds > 0 ? Math.Round((roundTrips - _now.AfterEnd + _before.AfterEnd) / seconds, 3) : null,
            BytesSent = bytes.Sent - _bytes.Sent,
            BytesReceived = bytes.Received - _bytes.Received,
            MbitSent = BitRate.Of(bytes.Sent - _bytes.Sent, seconds),
            MbitReceived = BitRate.Of(bytes.Received - _bytes.Received, seconds),
            Errors = errors - _errors,
            ServiceLatency = LatencyOf(_service, _now.Service, _before.Service),
            CorrectedLatency = _now.Corrected is { } corrected ? LatencyOf(_corrected!, corrected, _before.Corrected!) : null,
        };
        _steps.Add(step);
        log?.Add(_at, at, _service, _corrected);
        (_now, _before) = (_before, _now);
        (_at, _errors, _bytes) = (at, errors, bytes);
        return step;
    }

    private static StepLatency? LatencyOf(LatencyHistogram difference, LatencyHistogram now, LatencyHistogram before)
    {
        const double median = 50, high = 99;
        difference.SetDifference(now, before);
        return difference.Max is { } max ? new StepLatency(difference.Percentile(median), difference.Percentile(high), max) : null;
    }
}
