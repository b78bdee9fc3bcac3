using RawEcho.Client.Results;

namespace RawEcho.Client.Run;

/// <summary>What the command line of "run" came to.</summary>
internal sealed record RunSettings
{
    public required SessionSettings Session { get; init; }

    public required IReadOnlyList<FailCondition> Conditions { get; init; }

    /// <summary>Each of them ends the run when it holds.</summary>
    public IReadOnlyList<FailCondition> AbortConditions { get; init; } = [];

    public required RunOutput Output { get; init; }

    /// <summary>How many runs, one after the other.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>All runs have the seed of the first one, because it was named.</summary>
    public bool IsSeedGiven { get; init; }

    /// <summary>The start that was agreed; null for as soon as all are connected.</summary>
    public StartPlan? Start { get; init; }

    /// <summary>Connect all, then start at a key press.</summary>
    public required bool Wait { get; init; }

    /// <summary>Write a line for each step of the time series.</summary>
    public bool ShowIntervals { get; init; }

    public required bool Quiet { get; init; }
}
