using RawEcho.Diagnostics.Recording;

namespace RawEcho.Diagnostics.Sampling;

/// <summary>The samples of all processes at one moment.</summary>
/// <param name="Seconds">Since the start.</param>
/// <param name="Met">Processes that are new in this round.</param>
/// <param name="Samples">One per process that runs.</param>
/// <param name="Events">What happened since the last round.</param>
internal sealed record Round(
    double Seconds, IReadOnlyList<ProcessDescription> Met, IReadOnlyList<Sample> Samples, IReadOnlyList<RecordingEvent> Events)
{
    /// <summary>This round, with the new processes and events of an earlier one that was not shown.</summary>
    public Round After(Round earlier) => this with { Met = [.. earlier.Met, .. Met], Events = [.. earlier.Events, .. Events] };
}
