using System.Globalization;
using RawEcho.Client.Results;

namespace RawEcho.Client.Merge;

/// <summary>The settings of several runs as one: sums where they add up, and nothing where the runs do not agree.</summary>
internal static class MergedSettings
{
    private const string Mixed = "mixed";

    /// <summary>What two runs have to agree in to be parts of one: the option, and its value; null where parts did not agree.</summary>
    public static readonly IReadOnlyList<(string Name, Func<SettingsResult, object?> Value)> Compared =
    [
        ("--tls", s => s.Tls),
        ("--mode", s => s.Mode ?? "unknown"),
        ("--stages", s => s.Stages is { } stages ? string.Join('+', stages.Select(t => Seconds(t.Seconds))) : "none"),
        ("--arrivals", s => s.Arrivals ?? "uniform"),
        ("--messages-per-connection", s => s.MessagesPerConnection?.ToString(CultureInfo.InvariantCulture) ?? "none"),
        ("--full-handshakes", s => s.FullHandshakes == true ? "yes" : "no"),
        ("--depth", s => s.Depth),
        ("--size", s => s.Size),
        ("--ramp", s => Seconds(s.RampSeconds)),
        ("--warmup", s => Seconds(s.WarmupSeconds)),
        ("--duration", s => s.DurationSeconds is null ? "none" : Seconds(s.DurationSeconds)),
        ("--reconnect", s => s.Reconnect switch { true => "yes", false => "no", null => null }),
        ("--send-proxy", s => s.SendProxy ?? "off"),
        ("requests", s => s.Http is { } http ? $"HTTP/{http.Version} {http.Method}" : "none"),
    ];

    public static SettingsResult Of(IReadOnlyList<SettingsResult> all) => new()
    {
        Servers = [.. all.SelectMany(s => s.Servers).GroupBy(s => s.Name).Select(MergeServers)],
        Tls = Same(all, s => s.Tls) ?? Mixed,
        Loop = Same(all, s => s.Loop) ?? Mixed,
        Clients = all.Sum(s => s.Clients),
        Rate = all.All(s => s.Rate is not null) ? all.Sum(s => s.Rate) : null,
        Stages = MergeStages(all),
        Arrivals = all.All(s => s.Arrivals is null) ? null : Same(all, s => s.Arrivals) ?? Mixed,
        MessagesPerConnection = Same(all, s => s.MessagesPerConnection),
        FullHandshakes = Same(all, s => s.FullHandshakes),
        Depth = Same(all, s => s.Depth),
        Size = string.Join(" and ", all.Select(s => s.Size).Distinct()),
        Mode = all.All(s => s.Mode is null) ? null : Same(all, s => s.Mode) ?? Mixed,
        Seed = Same(all, s => s.Seed),
        RampSeconds = Same(all, s => s.RampSeconds),
        WarmupSeconds = Same(all, s => s.WarmupSeconds),
        DurationSeconds = Same(all, s => s.DurationSeconds),
        IntervalSeconds = Same(all, s => s.IntervalSeconds),
        Messages = all.All(s => s.Messages is not null) ? all.Sum(s => s.Messages) : null,
        Reconnect = Same(all, s => s.Reconnect),
        SendProxy = all.All(s => s.SendProxy is null) ? null : Same(all, s => s.SendProxy) ?? Mixed,
        Http = Same(all, s => s.Http),
    };

    /// <summary>What the runs do not agree in, such as "--depth 1 and 8". The seed is not among it: each run has its own.</summary>
    public static IReadOnlyList<string> Differences(IReadOnlyList<SettingsResult> all) =>
    [
        .. Compared.Select(c => (c.Name, Values: all.Select(s => c.Value(s) ?? Mixed).Distinct().ToArray()))
            .Where(c => c.Values.Length > 1)
            .Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Name} {string.Join(" and ", c.Values)}")),
    ];

    // Rates add up, stage by stage, where the stages change at the same times.
    private static StageResult[]? MergeStages(IReadOnlyList<SettingsResult> all)
    {
        if (all[0].Stages is not { } first) return null;
        bool isSame = all.All(s => s.Stages is { } stages && stages.Select(t => t.Seconds).SequenceEqual(first.Select(t => t.Seconds)));
        return isSame ? [.. first.Select((t, i) => t with { Rate = all.Sum(s => s.Stages![i].Rate) })] : null;
    }

    private static ServerResult MergeServers(IEnumerable<ServerResult> same) => same.First() with
    {
        Unreachable = [.. same.SelectMany(s => s.Unreachable).DistinctBy(u => u.Address)],
    };

    private static T? Same<T>(IReadOnlyList<SettingsResult> all, Func<SettingsResult, T?> value)
    {
        T? first = value(all[0]);
        return all.All(s => EqualityComparer<T?>.Default.Equals(value(s), first)) ? first : default;
    }

    private static string? Seconds(double? seconds) =>
        seconds is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known:0.###} s") : null;
}
