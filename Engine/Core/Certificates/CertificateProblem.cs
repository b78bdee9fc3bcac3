using System.Globalization;

namespace RawEcho.Engine.Certificates;

/// <summary>Why nobody can tell whether a certificate is revoked.</summary>
public enum RevocationGap
{
    /// <summary>It can be told.</summary>
    None = 0,

    /// <summary>There is no list that the issuer has signed.</summary>
    NoList,

    /// <summary>The issuer's list is stale since <see cref="CertificateProblem.Date"/>.</summary>
    Stale,

    /// <summary>The issuer's list counts only from <see cref="CertificateProblem.Date"/> on.</summary>
    NotYetValid,

    /// <summary>The certificate is its own root, and no list can revoke a root.</summary>
    OwnRoot,

    /// <summary>The issuer's lists do not name the certificate, and none of them covers it (RFC 5280 section 5.2.5).</summary>
    OutOfScope,
}

/// <summary>
/// Why a peer's certificate was not accepted: the fault and its facts, each of them null or empty where it does not apply. Names are as
/// they stand in the certificate, not yet safe for a terminal (<see cref="PeerText"/>); the sentences of <see cref="Describe"/> are.
/// </summary>
/// <param name="Fault">What is wrong; never <see cref="CertificateFault.None"/>.</param>
public sealed record CertificateProblem(CertificateFault Fault)
{
    /// <summary>The distinguished name of the certificate that is at fault: the peer's, or one of the CAs above it.</summary>
    public string? Subject { get; init; }

    /// <summary>SHA-256 of the peer's certificate in upper-case hexadecimal, for <see cref="CertificateFault.NotAllowed"/>.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The distinguished name that a chain ends at which leads to no trusted root.</summary>
    public string? Issuer { get; init; }

    /// <summary>
    /// When it expired, when it will be valid, or since when or from when on a revocation list is of no use (see <see cref="Gap"/>).
    /// </summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>The role that it should be made for.</summary>
    public PeerRole? Role { get; init; }

    /// <summary>The rules it breaks that <see cref="TlsPolicy.Legacy"/> would waive, where nothing else is wrong.</summary>
    public WaivedRules Waivable { get; init; }

    /// <summary>The name that it should have.</summary>
    public string? ExpectedName { get; init; }

    /// <summary>The DNS names and IP addresses that it has instead of <see cref="ExpectedName"/>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The algorithm of its key or signature that is too weak, or not known.</summary>
    public string? Algorithm { get; init; }

    /// <summary>The length of an RSA key that is too weak, bits.</summary>
    public int? KeyBits { get; init; }

    /// <summary>The object identifier of the curve of an ECDSA key that is not accepted; null as well for a curve without a name.</summary>
    public string? Curve { get; init; }

    /// <summary>The size of all certificates of the peer, bytes.</summary>
    public int? Bytes { get; init; }

    /// <summary>What is allowed: bytes where <see cref="Bytes"/> are too many, else certificates in a chain.</summary>
    public int? Limit { get; init; }

    /// <summary>The object identifier of an extension that it has twice.</summary>
    public string? Extension { get; init; }

    /// <summary>Why nobody can tell whether it is revoked.</summary>
    public RevocationGap Gap { get; init; }

    /// <summary>It may be a CA above the certificate that was revoked, and not the certificate itself.</summary>
    public bool MayBeAuthority { get; init; }

    /// <summary>What the platform said, or the sentence of a rule for peers.</summary>
    public string? Detail { get; init; }

    /// <summary>The problem in one sentence.</summary>
    /// <param name="owner">Whose certificate it is, as a sentence begins with it: "Its", "The server's".</param>
    public string Describe(string owner = "Its") => Fault switch
    {
        _ when Waivable != WaivedRules.None => $"The certificate {Name} {WaivedRulesText.Describe(Waivable)}{Needs}.",
        CertificateFault.Missing => "It showed no certificate.",
        CertificateFault.Malformed when Extension is not null => $"The certificate {Name} has the extension {Extension} twice.",
        CertificateFault.Malformed => $"{owner} certificate cannot be read: {PeerText.Quote(Detail ?? "")}.",
        CertificateFault.NotYetValid => $"The certificate {Name} is not valid before {Moment}.",
        CertificateFault.Expired => $"The certificate {Name} expired on {Moment}.",
        CertificateFault.UntrustedIssuer =>
            $"{owner} certificate is not from a trusted CA: the chain ends at {PeerText.Quote(Issuer ?? "")}.",
        CertificateFault.BadSignature => "A signature in its chain does not verify.",
        CertificateFault.WrongPurpose when Role is not null => $"The certificate {Name} is not made for {Wanted}.",
        CertificateFault.WrongPurpose => $"{owner} certificate is not made for this purpose.",
        CertificateFault.WrongKeyUsage => $"The key usage of the certificate {Name} lacks digitalSignature.",
        CertificateFault.WeakKey => $"The key of {Name} is too weak: {Weakness}.",
        CertificateFault.WeakSignature => $"The certificate {Name} is signed with {Algorithm}, and not with SHA-2 and RSA or ECDSA.",
        CertificateFault.ChainTooLong => string.Create(CultureInfo.InvariantCulture, $"{owner} chain has more than {Limit} certificates."),
        CertificateFault.ChainTooLarge =>
            string.Create(CultureInfo.InvariantCulture, $"{owner} certificates are {Bytes} bytes long in all, which is more than {Limit}."),
        CertificateFault.NameMismatch => DescribeName(owner),
        CertificateFault.Revoked when MayBeAuthority => $"The certificate {Name}, or a CA above it, was revoked.",
        CertificateFault.Revoked => $"The certificate {Name} is revoked.",
        CertificateFault.RevocationUnknown => DescribeGap(),
        CertificateFault.NotAllowed => Detail ?? $"{Name} is not on the allow-list (sha256:{Fingerprint}).",
        _ when Detail is null => $"{owner} certificate was not verified.",
        _ => $"{owner} chain is not valid: {Detail}.",
    };

    /// <inheritdoc/>
    public override string ToString() => Describe();

    private string Name => PeerText.Quote(Subject ?? "");

    private string Moment => PeerText.Utc(Date.GetValueOrDefault().UtcDateTime);

    private string Wanted => Role == PeerRole.Server ? "a server (serverAuth)" : "a client (clientAuth)";

    private string Needs => Waivable.HasFlag(WaivedRules.NoPurpose) ? $"; it must be made for {Wanted}" : "";

    private string Weakness => this switch
    {
        { KeyBits: { } bits } => string.Create(CultureInfo.InvariantCulture, $"{Algorithm} with {bits} bits"),
        { Curve: { } curve } => $"the curve {curve}",
        { Algorithm: PeerVerifier.Ecdsa } => "the curve is not a named one",
        _ => $"the algorithm {Algorithm} is not RSA or ECDSA",
    };

    private string DescribeName(string owner)
    {
        if (!HostName.TryNormalize(ExpectedName ?? "", out _))
            return $"{PeerText.Quote(ExpectedName ?? "")} is neither a DNS name nor an IP address.";
        return $"{owner} certificate is not for '{ExpectedName}' but for {(Names.Count > 0 ? PeerText.List(Names) : "no name at all")}.";
    }

    private string DescribeGap()
    {
        if (Gap == RevocationGap.OwnRoot) return $"The certificate {Name} is its own root: no list can revoke it.";
        string why = Gap switch
        {
            RevocationGap.NoList => "there is no revocation list that its issuer has signed",
            RevocationGap.OutOfScope => "none of its issuer's revocation lists covers it (issuing distribution point)",
            RevocationGap.Stale => $"its issuer's revocation list is stale since {Moment}",
            _ => $"its issuer's revocation list counts only from {Moment}",
        };
        return $"Whether the certificate {Name} is revoked cannot be told: {why}.";
    }
}
