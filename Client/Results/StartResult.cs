namespace RawEcho.Client.Results;

/// <summary>A start that was agreed (--start-at).</summary>
/// <param name="At">When the load was to begin.</param>
/// <param name="LateSeconds">
/// How much later it really began; of a merged result the most of any member. Null where it did not begin.
/// </param>
internal sealed record StartResult(DateTimeOffset At, double? LateSeconds)
{
    /// <summary>The clock that the start went by; null in a merged result, where each member has its own.</summary>
    public ClockResult? Clock { get; init; }
}

/// <summary>How far the wall clock of a machine can be relied on. What was not measured is null.</summary>
internal sealed record ClockResult
{
    /// <summary>The kernel's word: a daemon keeps it by a reference.</summary>
    public bool? Synchronized { get; init; }

    /// <summary>The kernel's word: its largest error.</summary>
    public double? MaxErrorSeconds { get; init; }

    /// <summary>The kernel's word: the error that is expected.</summary>
    public double? EstimatedErrorSeconds { get; init; }

    /// <summary>The time server that was asked (--clock): the start went by its time.</summary>
    public string? Reference { get; init; }

    /// <summary>The server's time minus that of this machine: above zero this machine is behind.</summary>
    public double? OffsetSeconds { get; init; }

    /// <summary>How far the offset may be wrong, when the load began.</summary>
    public double? ErrorSeconds { get; init; }

    /// <summary>By how much it was set while the client waited for the start; 0 for not at all.</summary>
    public double SetBySeconds { get; init; }

    /// <summary>Tells one running kernel from every other: processes on the same one have the same clock.</summary>
    public string? Kernel { get; init; }
}
