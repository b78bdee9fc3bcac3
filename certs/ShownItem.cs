using System.Text.Json.Serialization;

namespace RawEcho.Certs;

/// <summary>One thing in a file that show reads, for programs. A part that cannot be read is null.</summary>
/// <param name="File">The file.</param>
/// <param name="Kind">certificate, revocationList, privateKey (a key and no certificate) or unreadable.</param>
internal sealed record ShownItem(string File, string Kind)
{
    /// <summary>Its place among those of its kind in the file, from 1; null for what has no place.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Position { get; init; }

    /// <summary>Of a certificate.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CertificateFacts? Certificate { get; init; }

    /// <summary>Of a revocation list.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RevocationListFacts? RevocationList { get; init; }

    /// <summary>Why the file cannot be read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}

/// <summary>What stands in a certificate. Null is what cannot be read, unless a member says otherwise.</summary>
internal sealed record CertificateFacts
{
    public string? Subject { get; init; }

    public string? Issuer { get; init; }

    /// <summary>Whether it names itself as its issuer.</summary>
    public bool? IsSelfIssued { get; init; }

    /// <summary>In hexadecimal.</summary>
    public required string Serial { get; init; }

    /// <summary>Empty when it has none.</summary>
    public IReadOnlyList<CertificateName>? Names { get; init; }

    /// <summary>RSA 2048, ECDSA P-256.</summary>
    public string? Key { get; init; }

    /// <summary>Whether its private key is in the file.</summary>
    public bool HasPrivateKey { get; init; }

    public string? Signature { get; init; }

    /// <summary>TLS server, TLS client, or another; empty when its purpose is not limited.</summary>
    public IReadOnlyList<string>? Purposes { get; init; }

    public bool? IsCa { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>valid, expired or notYetValid, by the clock of this machine.</summary>
    public string? State { get; init; }

    /// <summary>Whole days until its end; negative when it has expired.</summary>
    public int? DaysLeft { get; init; }

    /// <summary>Fingerprint, in hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Fingerprint, in hexadecimal.</summary>
    public required string Sha1 { get; init; }
}
