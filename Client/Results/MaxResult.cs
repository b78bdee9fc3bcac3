namespace RawEcho.Client.Results;

/// <summary>What came of a search for the highest rate that holds a latency. See docs/result.schema.json.</summary>
internal sealed record MaxResult : IClientResult
{
    public string Format { get; init; } = RunResult.FormatName;

    public int Version { get; init; } = RunResult.CurrentVersion;

    public string Kind { get; init; } = "max";

    public required DateTimeOffset StartedAt { get; init; }

    public required MachineResult Machine { get; init; }

    /// <summary>What every run was made with; its rate is null, and its duration that of one run.</summary>
    public required SettingsResult Settings { get; init; }

    /// <summary>What had to hold.</summary>
    public required IReadOnlyList<TargetResult> Targets { get; init; }

    public required bool Interrupted { get; init; }

    /// <summary>The highest rate that held, messages a second; null when none did.</summary>
    public double? Rate { get; init; }

    /// <summary>The lowest rate that did not hold; null when all that were tried did.</summary>
    public double? FailedRate { get; init; }

    /// <summary>Runs at <see cref="Rate"/>, and how many of them held.</summary>
    public required int Runs { get; init; }

    public required int Held { get; init; }

    /// <summary>Every run, in the order in which they were made.</summary>
    public required IReadOnlyList<MaxStepResult> Steps { get; init; }

    public required IReadOnlyList<ErrorResult> Errors { get; init; }

    public required int ExitCode { get; init; }

    int? IClientResult.StoppedClients => Steps.Count == 0 && !Interrupted && Errors.Count > 0 ? Settings.Clients : null;

    // A search has its targets and no --fail-if.
    IReadOnlyList<ConditionResult> IClientResult.Conditions => [];
}

/// <summary>A latency that is not to be exceeded.</summary>
/// <param name="Percent">Of so many percent of all messages; 100 for the largest.</param>
/// <param name="LimitNs">The limit.</param>
internal sealed record TargetResult(double Percent, long LimitNs);

/// <summary>One run of a search.</summary>
/// <param name="Rate">Messages a second that were asked for.</param>
/// <param name="Achieved">Messages a second that came back before the end; null when nothing was measured.</param>
/// <param name="Held">Whether it held the targets and the rate, without an error.</param>
/// <param name="Why">What did not hold; null when all did.</param>
/// <param name="CorrectedLatency">The latencies that the targets were held against.</param>
internal sealed record MaxStepResult(double Rate, double? Achieved, bool Held, string? Why, LatencyResult CorrectedLatency);
