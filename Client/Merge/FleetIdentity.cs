using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RawEcho.Client.Results;
using RawEcho.Client.Units;

namespace RawEcho.Client.Merge;

/// <summary>What the results of all members of one fleet have in common.</summary>
internal static class FleetIdentity
{
    private const string None = "none";

    /// <summary>By the names of the options, in a fixed order.</summary>
    /// <param name="settings">What the member, or the merged members, were asked for.</param>
    /// <param name="fleet">The fleet.</param>
    /// <param name="at">The start that was agreed.</param>
    /// <param name="clock">The time server; null for none.</param>
    public static IReadOnlyList<(string Option, string Value)> Facts(
        SettingsResult settings, FleetResult fleet, DateTimeOffset at, string? clock) =>
    [
        ("--fleet", FormattableString.Invariant($"N/{fleet.Members}")),
        ("--start-at", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture)),
        ("--clock", clock ?? None),
        ("--server", string.Join(", ", settings.Servers.Select(s => s.Name))),
        ("--clients", Text(fleet.Clients)),
        ("--rate", fleet.Rate is { } rate ? Quantity.Number(rate) : None),
        ("--stages", fleet.Stages is { } stages ? RunText.Stages(stages) : None),
        ("--messages", Text(fleet.Messages)),
        ("--seed", Text(settings.Seed)),
        ("--interval", Text(settings.IntervalSeconds)),
        .. MergedSettings.Compared.Where(c => c.Name != "--stages").Select(c => (c.Name, Text(c.Value(settings)))),
    ];

    /// <summary>Sixteen digits that stand for <see cref="Facts"/>.</summary>
    public static string Digest(IEnumerable<(string Option, string Value)> facts)
    {
        const int bytes = 8;
        string text = string.Join('\n', facts.Select(f => $"{f.Option} {f.Value}"));
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, bytes));
    }

    private static string Text(object? value) => value is null ? None : FormattableString.Invariant($"{value}");
}
