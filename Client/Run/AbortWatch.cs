using System.Diagnostics;
using RawEcho.Client.Results;

namespace RawEcho.Client.Run;

/// <summary>Asks the conditions of --abort-if at each second of the measurement, of what was measured so far.</summary>
/// <param name="session">The run.</param>
/// <param name="conditions">The conditions; the first one that holds ends the run.</param>
internal sealed class AbortWatch(LoadSession session, IReadOnlyList<FailCondition> conditions)
{
    private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _second = 1;

    /// <summary>Completes when a condition holds.</summary>
    public Task Met => _met.Task;

    /// <summary>The condition that held, and when; null for none.</summary>
    public ConditionResult? Result { get; private set; }

    /// <summary>Asks, if another second is over. To be called often, between the steps of the time series.</summary>
    public void Look()
    {
        if (conditions.Count == 0 || Result is not null) return;
        long now = Stopwatch.GetTimestamp();
        if (now < session.Run.MeasureFrom + (_second * Stopwatch.Frequency) || now >= session.Run.EndAt) return;
        RunResult soFar = ResultBuilder.SoFar(session, now);
        // A busy machine may have left seconds out.
        long second = (long)soFar.Seconds;
        _second = second + 1;
        // What has no data yet is no reason to end anything.
        ConditionResult? met = conditions.Select(c => c.Evaluate(m => RunMetrics.Find(soFar, m))).FirstOrDefault(c => c.Met == true);
        if (met is null) return;
        Result = met with { EndedAtSeconds = second };
        _met.TrySetResult();
    }
}
