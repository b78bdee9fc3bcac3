namespace RawEcho.Engine.UnitTests.Scale;

/// <summary>The storms that docs/scale.md tells of, each simulated once, with the figures of docs/performance.md.</summary>
internal static class StormRuns
{
    private static readonly Lazy<(StormSettings, StormResult)[]> EndingRuns = new(() => Run(
        Storm(100_000, 4) with { Jitter = false },
        Storm(100_000, 4),
        Storm(100_000, 4) with { Handshake = MeasuredFigures.Now.ResumedHandshake },
        Storm(100_000, 16),
        Storm(50_000, 1),
        Storm(10_000, 1)));

    private static readonly Lazy<(StormSettings, StormResult)[]> PatienceRuns = new(() => Run(
        Slow(3, patience: 10, TimeSpan.FromSeconds(3)),
        Slow(3, patience: 5, Timeout.InfiniteTimeSpan),
        Slow(3, patience: 5, TimeSpan.FromSeconds(3)),
        Slow(3, patience: 3, TimeSpan.FromSeconds(3)),
        Slow(3, patience: 3, TimeSpan.FromSeconds(2)),
        Slow(10, patience: 10, Timeout.InfiniteTimeSpan),
        Slow(10, patience: 10, TimeSpan.FromSeconds(3))));

    /// <summary>Storms of clients with the default limits.</summary>
    public static IReadOnlyList<(StormSettings Settings, StormResult Result)> Ending => EndingRuns.Value;

    /// <summary>Storms of impatient clients, or of a slow server with one core.</summary>
    public static IReadOnlyList<(StormSettings Settings, StormResult Result)> Patience => PatienceRuns.Value;

    public static StormModel ModelOf(StormSettings settings) =>
        new(settings.Clients, settings.Cores, settings.Handshake, settings.Refusal);

    private static StormSettings Storm(int clients, int cores) => new()
    {
        Clients = clients,
        Cores = cores,
        Handshake = MeasuredFigures.Now.FullHandshake,
        Refusal = MeasuredFigures.Refusal,
    };

    private static StormSettings Slow(int milliseconds, int patience, TimeSpan maxWait) => Storm(10_000, 1) with
    {
        Handshake = TimeSpan.FromMilliseconds(milliseconds),
        ClientTimeout = TimeSpan.FromSeconds(patience),
        MaxWait = maxWait,
        Limit = TimeSpan.FromMinutes(5),
    };

    private static (StormSettings, StormResult)[] Run(params StormSettings[] all) => [.. all.Select(s => (s, ReconnectStorm.Run(s)))];
}
