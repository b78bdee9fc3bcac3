namespace RawEcho.Client.Load;

/// <summary>What load is asked for.</summary>
internal sealed record LoadShape
{
    /// <summary>Connections of this process, count.</summary>
    public required int Clients { get; init; }

    /// <summary>
    /// This process is a member of a fleet: <see cref="Rate"/>, <see cref="Stages"/> and <see cref="Messages"/> are those of all members.
    /// Null for a load of its own.
    /// </summary>
    public FleetShare? Fleet { get; init; }

    /// <summary>Which connections and messages of the whole load are those of this process: all of them without a fleet.</summary>
    public FleetShare Share => Fleet ?? new FleetShare(1, 1, Clients);

    /// <summary>How long messages are.</summary>
    public required SizeDistribution Sizes { get; init; }

    /// <summary>How long to measure; null when <see cref="Messages"/> decides.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Messages to measure, over all connections; null when <see cref="Duration"/> decides.</summary>
    public long? Messages { get; init; }

    /// <summary>How many of <see cref="Messages"/> this process sends.</summary>
    public long? OwnMessages => Messages is { } all ? Share.MessagesOf(all) : null;

    /// <summary>Messages that may be in flight on one connection, count.</summary>
    public int Depth { get; init; } = 1;

    /// <summary>
    /// Messages a second over all connections, each sent at its own time whatever became of those before it (open loop); null for as many
    /// as the server answers (closed loop).
    /// </summary>
    public double? Rate { get; init; }

    /// <summary>A rate that changes over time, in place of <see cref="Rate"/>; null for none.</summary>
    public RateStages? Stages { get; init; }

    /// <summary>The messages of an open loop come at random times of the same rate, and not at even ones.</summary>
    public bool IsPoisson { get; init; }

    /// <summary>Each message has its own time.</summary>
    public bool IsOpen => Rate is not null || Stages is not null;

    /// <summary>The highest rate that is asked of this process, messages a second; 0 in a closed loop.</summary>
    public double OwnPeakRate => Share.Of(Rate ?? Stages?.Peak ?? 0);

    /// <summary>Messages a second that are asked of this process, the mean over what is measured; null in a closed loop.</summary>
    public double? OwnMeanRate => MeanRate is { } mean ? Share.Of(mean) : null;

    private double? MeanRate => Stages is not { } stages
        ? Rate
        : (stages.Curve.Messages - stages.Curve.MessagesBy(Warmup.TotalSeconds)) / (stages.Time - Warmup).TotalSeconds;

    /// <summary>
    /// Messages that go over one connection before it is closed in order and another one is opened in its place; null for as many as there
    /// are.
    /// </summary>
    public long? MessagesPerConnection { get; init; }

    /// <summary>Over which time the load grows from nothing to all of it, before <see cref="Warmup"/>; not measured.</summary>
    public TimeSpan Ramp { get; init; }

    /// <summary>How long the full load runs before measuring begins. It goes on into the measurement without a pause.</summary>
    public TimeSpan Warmup { get; init; }

    /// <summary>Two runs with the same seed send the same messages on each connection.</summary>
    public long Seed { get; init; }
}
