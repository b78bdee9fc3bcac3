using RawEcho.Client.Load;
using RawEcho.Client.Report;
using RawEcho.Client.Results;

namespace RawEcho.Client.Run;

/// <summary>What a run tells while it goes on, for --json-lines.</summary>
/// <param name="writer">Takes the lines; null for nobody.</param>
/// <param name="run">The number of the run, from 1.</param>
internal sealed class RunLines(RunLinesWriter? writer, int run)
{
    public void Begin(LoadSession session)
    {
        if (writer is null) return;
        SettingsResult settings = ResultBuilder.Settings(session.Settings, session.Targets);
        writer.Add(new SettingsLine(DateTimeOffset.UtcNow, run, MachineResult.Here(), settings));
    }

    /// <summary>Tells of a step.</summary>
    /// <param name="session">The run.</param>
    /// <param name="step">The step that has just ended.</param>
    /// <param name="connections">Connections that were open at its end.</param>
    public void Add(LoadSession session, SecondResult step, long connections)
    {
        if (writer is null) return;
        (LatencyHistogram service, LatencyHistogram? corrected) = session.StepLatencies;
        writer.Add(new IntervalLine
        {
            Time = DateTimeOffset.UtcNow,
            Run = run,
            At = step.At,
            Seconds = step.Seconds,
            RoundTrips = step.RoundTrips,
            RoundTripsPerSecond = step.RoundTripsPerSecond,
            BytesSent = step.BytesSent,
            BytesReceived = step.BytesReceived,
            MbitSent = step.MbitSent,
            MbitReceived = step.MbitReceived,
            Errors = step.Errors,
            Connections = connections,
            ServiceLatency = Latency(service),
            CorrectedLatency = corrected is null ? null : Latency(corrected),
        });
    }

    private static LineLatency? Latency(LatencyHistogram of)
    {
        long At(double percent) => of.Percentile(percent)!.Value;
        return of.Max is { } max ? new LineLatency(At(50), At(90), At(99), At(99.9), max) : null;
    }
}
