using RawEcho.Client.Merge;
using RawEcho.Client.Results;
using RawEcho.Client.Units;

namespace RawEcho.Client.Compare;

/// <summary>The settings in which compared runs differ. The seed is not among them: each run has its own.</summary>
internal static class SettingDifferences
{
    private const string Mixed = "mixed", Unknown = "unknown", None = "none";

    private static readonly (string Name, Func<RunResult, object?> Value)[] Compared =
    [
        ("--server", r => string.Join(", ", r.Settings.Servers.Select(s => s.Name))),
        ("--clients", r => r.Settings.Clients),
        ("--rate", r => r.Settings.Rate is { } rate ? Quantity.Number(rate) : None),
        .. MergedSettings.Compared.Select(c => (c.Name, (Func<RunResult, object?>)(r => c.Value(r.Settings) ?? Mixed))),
        ("--messages", r => r.Settings.Messages is { } messages ? messages : None),
        ("TLS", r => r.Tls is { } tls ? $"{tls.Protocol}, {tls.CipherSuite}" : None),
        ("machine", r => $"{r.Machine.Name}, {Quantity.Count(r.Machine.Processors, "processor")}"),
        ("system", r => r.Machine.OperatingSystem),
        ("runtime", r => r.Machine.Runtime),
        ("program", r => r.Machine.Program ?? Unknown),
    ];

    /// <summary>A file whose own runs differ has all their values.</summary>
    public static IReadOnlyList<SettingDifference> Of(IReadOnlyList<ComparedResult> files) =>
    [
        .. Compared.Select(c => new SettingDifference(c.Name, [.. files.Select(f => Values(f.Results, c.Value))]))
            .Where(d => d.Values.Distinct().Count() > 1 || files.Any(f => IsMixed(f.Results, d.Setting))),
    ];

    private static string Values(IEnumerable<RunResult> runs, Func<RunResult, object?> value) =>
        string.Join(" and ", runs.Select(r => FormattableString.Invariant($"{value(r)}")).Distinct());

    private static bool IsMixed(IEnumerable<RunResult> runs, string name) =>
        runs.Select(Compared.First(c => c.Name == name).Value).Distinct().Count() > 1;
}
