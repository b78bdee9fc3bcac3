namespace RawEcho.Client.Results;

/// <summary>The fleet that a result is part of (--fleet), or all of it when it is merged.</summary>
internal sealed record FleetResult
{
    /// <summary>The number of the member, from 1; null in a merged result, whose members stand among what was merged.</summary>
    public int? Member { get; init; }

    /// <summary>How many members the fleet has.</summary>
    public required int Members { get; init; }

    /// <summary>A digest of what all members have in common: it tells the fleets of two loads apart.</summary>
    public required string Id { get; init; }

    /// <summary>Connections of all members.</summary>
    public required int Clients { get; init; }

    /// <summary>Messages a second of all members; null in a closed loop, and with stages.</summary>
    public double? Rate { get; init; }

    /// <summary>The stages of all members; null without any.</summary>
    public IReadOnlyList<StageResult>? Stages { get; init; }

    /// <summary>Messages of all members; null when the time decided.</summary>
    public long? Messages { get; init; }

    /// <summary>The members whose results were not merged; null in the result of a member.</summary>
    public IReadOnlyList<int>? Missing { get; init; }

    /// <summary>The member with the highest p99; null where none is above all others, and in the result of a member.</summary>
    public int? SlowestByLatency { get; init; }

    /// <summary>
    /// The member that came to the smallest part of its rate, or without a rate to the least for each of its connections; null as before.
    /// </summary>
    public int? SlowestByRate { get; init; }
}

/// <summary>What a member of a fleet came to, in a merged result.</summary>
/// <param name="Member">Its number, from 1.</param>
/// <param name="Clients">Its connections.</param>
/// <param name="Asked">Messages a second that it was to send; null in a closed loop.</param>
/// <param name="RoundTripsPerSecond">Round trips a second; null when nothing was measured.</param>
/// <param name="Mbit">Mbit/s in both directions together; null when nothing was measured.</param>
/// <param name="P99Ns">Its latency, with a rate the corrected one; null where there is none.</param>
/// <param name="Start">When it began, and by which clock.</param>
internal sealed record FleetMemberResult(
    int Member, int Clients, double? Asked, double? RoundTripsPerSecond, double? Mbit, long? P99Ns, StartResult Start)
{
    public static FleetMemberResult Of(RunResult run) => new(
        run.Fleet!.Member!.Value,
        run.Settings.Clients,
        run.Rate?.Asked,
        run.RoundTripsPerSecond,
        run.MbitSent + run.MbitReceived,
        run.IsStream ? null : run.Latency().Percentiles.FirstOrDefault(p => p.Percent == 99)?.Ns,
        run.Start!);
}
