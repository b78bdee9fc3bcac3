using RawEcho.Client.Output;
using RawEcho.Client.Results;
using RawEcho.Client.Run;

namespace RawEcho.Client.Max;

/// <summary>What the command line of "max" came to.</summary>
internal sealed record MaxSettings
{
    /// <summary>How each run is made; the rate is what is searched for.</summary>
    public required SessionSettings Session { get; init; }

    /// <summary>What has to hold.</summary>
    public required IReadOnlyList<TargetResult> Targets { get; init; }

    /// <summary>The first rate to try, messages a second.</summary>
    public required double From { get; init; }

    /// <summary>No rate above this is tried.</summary>
    public required double To { get; init; }

    /// <summary>The search ends when the highest rate that held and the lowest that did not are this near, percent.</summary>
    public required int Precision { get; init; }

    /// <summary>Runs at the rate that was found, to be sure of it.</summary>
    public required int Confirm { get; init; }

    public required ResultOutput<MaxResult> Output { get; init; }

    public required bool Quiet { get; init; }
}
