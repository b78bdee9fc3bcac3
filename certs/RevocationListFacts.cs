namespace RawEcho.Certs;

/// <summary>What stands in a revocation list (RFC 5280 section 5).</summary>
/// <param name="Issuer">The CA that signed it.</param>
/// <param name="ThisUpdate">When it was made.</param>
/// <param name="NextUpdate">When the next one is due; null when it does not say.</param>
/// <param name="Number">Its number; null when it has none.</param>
/// <param name="Revoked">The certificates that are revoked.</param>
internal sealed record RevocationListFacts(
    string Issuer, DateTimeOffset ThisUpdate, DateTimeOffset? NextUpdate, string? Number, IReadOnlyList<RevokedEntry> Revoked);

/// <summary>A certificate on a list.</summary>
/// <param name="Serial">Its serial number, in hexadecimal.</param>
/// <param name="RevokedAt">When it was revoked.</param>
/// <param name="Reason">Why, as RFC 5280 section 5.3.1 spells it; null when the list does not say.</param>
internal sealed record RevokedEntry(string Serial, DateTimeOffset RevokedAt, string? Reason);
