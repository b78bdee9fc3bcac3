using System.Text.Json.Serialization;

namespace RawEcho.Certs;

/// <summary>What one check found.</summary>
/// <param name="Check">accepted, validity, name, key, pfx, secrecy, list or revocation.</param>
/// <param name="File">The file that was checked.</param>
/// <param name="Ok">False for a problem.</param>
/// <param name="Text">A sentence; for a problem also what to do about it.</param>
/// <param name="Until">Until when the certificate or list is good; null where that was not what was checked.</param>
internal sealed record CheckResult(string Check, string File, bool Ok, string Text, DateTimeOffset? Until);

/// <summary>What check found, for programs.</summary>
/// <param name="Checks">In the order of the text.</param>
/// <param name="Error">Why the checks were not made, or not all of them; null otherwise.</param>
internal sealed record CheckReport(IReadOnlyList<CheckResult> Checks, [property: JsonPropertyOrder(1)] string? Error)
{
    /// <summary>True when all checks were made and nothing is wrong.</summary>
    [JsonPropertyOrder(-2)]
    public bool Ok => Error is null && Problems == 0;

    /// <summary>Problems, count.</summary>
    [JsonPropertyOrder(-1)]
    public int Problems => Checks.Count(c => !c.Ok);
}
