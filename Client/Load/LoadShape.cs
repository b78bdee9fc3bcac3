namespace RawEcho.Client.Load;

/// <summary>What load is asked for.</summary>
internal sealed record LoadShape
{
    /// <summary>Connections, count.</summary>
    public required int Clients { get; init; }

    /// <summary>How long messages are.</summary>
    public required SizeDistribution Sizes { get; init; }

    /// <summary>How long to measure; null when <see cref="Messages"/> decides.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Messages to measure, over all connections; null when <see cref="Duration"/> decides.</summary>
    public long? Messages { get; init; }

    /// <summary>Messages that may be in flight on one connection, count.</summary>
    public int Depth { get; init; } = 1;

    /// <summary>
    /// Messages a second over all connections, each sent at its own time whatever became of those before it (open loop); null for as many
    /// as the server answers (closed loop).
    /// </summary>
    public double? Rate { get; init; }

    /// <summary>Over which time the load grows from nothing to all of it, before <see cref="Warmup"/>; not measured.</summary>
    public TimeSpan Ramp { get; init; }

    /// <summary>How long the full load runs before measuring begins. It goes on into the measurement without a pause.</summary>
    public TimeSpan Warmup { get; init; }

    /// <summary>Two runs with the same seed send the same messages on each connection.</summary>
    public long Seed { get; init; }
}
