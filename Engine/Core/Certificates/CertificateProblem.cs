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

/// <summary>What of a certificate cannot be read.</summary>
public enum CertificateDefect
{
    /// <summary>Something that <see cref="CertificateProblem.Detail"/> tells of.</summary>
    None = 0,

    /// <summary>There is no such version of X.509, or it has extensions and is older than they are.</summary>
    Version,

    /// <summary>Its validity dates are none.</summary>
    Dates,

    /// <summary>It has <see cref="CertificateProblem.Extension"/> more than once.</summary>
    ExtensionTwice,

    /// <summary><see cref="CertificateProblem.Extension"/> is malformed, or says what it must not say.</summary>
    Extension,
}

/// <summary>A rule of path validation (RFC 5280 section 6) that a certificate of the chain breaks.</summary>
public enum PathRule
{
    /// <summary>One that <see cref="CertificateProblem.Detail"/> names in the platform's words.</summary>
    None = 0,

    /// <summary>Who signs certificates is a CA by its basic constraints, and has X.509 v3.</summary>
    Authority,

    /// <summary>The key usage of a CA has keyCertSign.</summary>
    CertificateSigning,

    /// <summary>No more CAs stand below a CA than its path length allows.</summary>
    PathLength,

    /// <summary>Names are inside what the name constraints of every CA above allow.</summary>
    NameConstraints,

    /// <summary>Critical extensions are known.</summary>
    CriticalExtension,

    /// <summary>Where a CA requires an explicit policy, all of the chain names one.</summary>
    ExplicitPolicy,

    /// <summary>The key that a certificate names as its issuer's is the issuer's.</summary>
    KeyIdentifier,
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

    /// <summary>
    /// Where the certificate stands that is at fault: 0 for the peer's own, and then up the chain; null where it is not told, or no chain
    /// was looked at.
    /// </summary>
    public int? Position { get; init; }

    /// <summary>The certificate that is at fault is the one that is trusted, at the end of the chain.</summary>
    public bool IsRoot { get; init; }

    /// <summary>SHA-256 of the peer's certificate in upper-case hexadecimal, for <see cref="CertificateFault.NotAllowed"/>.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>
    /// The distinguished name that a chain ends at which leads to no trusted root; with <see cref="Rule"/>, that of the CA above whose rule
    /// it is.
    /// </summary>
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

    /// <summary>
    /// The DNS names and IP addresses that it has instead of <see cref="ExpectedName"/>, or those that a CA above does not allow.
    /// </summary>
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

    /// <summary>What of it cannot be read.</summary>
    public CertificateDefect Defect { get; init; }

    /// <summary>The rule of path validation that it breaks.</summary>
    public PathRule Rule { get; init; }

    /// <summary>The object identifier of the extension that is at fault.</summary>
    public string? Extension { get; init; }

    /// <summary>Why nobody can tell whether it is revoked.</summary>
    public RevocationGap Gap { get; init; }

    /// <summary>It may be a CA above the certificate that was revoked, and not the certificate itself.</summary>
    public bool MayBeAuthority { get; init; }

    /// <summary>What the platform said, or the sentence of a rule for peers.</summary>
    public string? Detail { get; init; }

    /// <summary>The problem in one sentence.</summary>
    /// <param name="owner">Whose certificate it is, as a sentence begins with it: "Its", "The server's".</param>
    public string Describe(string owner = "Its") => PeerText.Clean(Sentence(owner));

    /// <inheritdoc/>
    public override string ToString() => Describe();

    private string Sentence(string owner) => Fault switch
    {
        _ when Waivable != WaivedRules.None => $"The certificate {Name(owner)} {WaivedRulesText.Describe(Waivable)}{Needs}.",
        CertificateFault.Missing => "It showed no certificate.",
        CertificateFault.Malformed => DescribeDefect(owner),
        CertificateFault.NotYetValid => $"The certificate {Name(owner)} is not valid before {Moment}.",
        CertificateFault.Expired => $"The certificate {Name(owner)} expired on {Moment}.",
        CertificateFault.UntrustedIssuer =>
            $"{owner} certificate is not from a trusted CA: the chain ends at {PeerText.Quote(Issuer ?? "")}.",
        CertificateFault.BadSignature when Subject is not null =>
            $"A signature in its chain does not verify: that of the certificate {Name(owner)}.",
        CertificateFault.BadSignature => "A signature in its chain does not verify.",
        CertificateFault.WrongPurpose when Role is not null => $"The certificate {Name(owner)} is not made for {Wanted}.",
        CertificateFault.WrongPurpose => $"{owner} certificate is not made for this purpose.",
        CertificateFault.WrongKeyUsage => $"The key usage of the certificate {Name(owner)} lacks digitalSignature.",
        CertificateFault.WeakKey => $"The key of {Name(owner)} {KeyFault}.",
        CertificateFault.WeakSignature =>
            $"The certificate {Name(owner)} is signed with {Algorithm}, and not with SHA-2 and RSA or ECDSA.",
        CertificateFault.ChainTooLong => string.Create(CultureInfo.InvariantCulture, $"{owner} chain has more than {Limit} certificates."),
        CertificateFault.ChainTooLarge =>
            string.Create(CultureInfo.InvariantCulture, $"{owner} certificates are {Bytes} bytes long in all, which is more than {Limit}."),
        CertificateFault.NameMismatch => DescribeName(owner),
        CertificateFault.Revoked when MayBeAuthority => $"The certificate {Name(owner)}, or a CA above it, was revoked.",
        CertificateFault.Revoked => $"The certificate {Name(owner)} is revoked.",
        CertificateFault.RevocationUnknown => DescribeGap(owner),
        CertificateFault.NotAllowed => Detail is null
            ? $"{Name(owner)} is not on the allow-list (sha256:{Fingerprint})."
            : Detail,
        CertificateFault.InvalidChain when Rule != PathRule.None => $"{owner} chain is not valid: {DescribeRule(owner)}.",
        _ when Detail is null => $"{owner} certificate was not verified.",
        _ => $"{owner} chain is not valid: {Detail}.",
    };

    private string Moment => PeerText.Utc(Date.GetValueOrDefault().UtcDateTime);

    private string Wanted => Role == PeerRole.Server ? "a server (serverAuth)" : "a client (clientAuth)";

    private string Needs => Waivable.HasFlag(WaivedRules.NoPurpose) ? $"; it must be made for {Wanted}" : "";

    // Whose it is, and where in the chain: two CAs may have one name.
    private string Name(string owner) => Position switch
    {
        null => PeerText.Quote(Subject ?? ""),
        0 when owner == "Its" => $"{PeerText.Quote(Subject ?? "")} (the peer's own)",
        0 => $"{PeerText.Quote(Subject ?? "")} ({owner.ToLowerInvariant()} own)",
        _ when IsRoot => $"{PeerText.Quote(Subject ?? "")} (the root)",
        { } position => string.Create(CultureInfo.InvariantCulture, $"{PeerText.Quote(Subject ?? "")} (intermediate {position})"),
    };

    private string DescribeDefect(string owner) => Defect switch
    {
        CertificateDefect.Version => $"The certificate {Name(owner)} cannot be read: its X.509 version is none that has what it has.",
        CertificateDefect.Dates => $"The certificate {Name(owner)} cannot be read: its validity dates are malformed.",
        CertificateDefect.ExtensionTwice => $"The certificate {Name(owner)} has the extension {Extension} twice.",
        CertificateDefect.Extension =>
            $"The certificate {Name(owner)} cannot be read: its {ExtensionOid.Describe(Extension ?? "")} is malformed.",
        _ => $"{owner} certificate cannot be read: {PeerText.Quote(Detail ?? "")}.",
    };

    /// <summary>What is wrong with a key, as it follows "the key": why it is too weak, or which kind is not accepted.</summary>
    internal string KeyFault => this switch
    {
        { KeyBits: { } bits } => string.Create(CultureInfo.InvariantCulture, $"is too weak: {Algorithm} with {bits} bits"),
        { Curve: { } curve } => $"is of a kind that is not accepted: the curve {curve}",
        { Algorithm: KeyRules.Ecdsa } => "is of a kind that is not accepted: the curve is not a named one",
        _ => $"is of a kind that is not accepted: {Algorithm} is not RSA or ECDSA",
    };

    private string DescribeRule(string owner)
    {
        string authority = PeerText.Quote(Issuer ?? "");
        string names = string.Join(", ", Names.Select(n => PeerText.Quote(n)));
        return Rule switch
        {
            PathRule.Authority => $"the certificate {Name(owner)} is not that of a CA by its basic constraints, and has signed another",
            PathRule.CertificateSigning => $"the key usage of the CA {Name(owner)} lacks keyCertSign",
            PathRule.PathLength => $"below the CA {Name(owner)} stand more CAs than its path length allows",
            PathRule.NameConstraints when names.Length > 0 =>
                $"the certificate {Name(owner)} has a name that the name constraints of {authority} do not allow: {names}",
            PathRule.NameConstraints => $"the certificate {Name(owner)} has a name that the name constraints of a CA above do not allow",
            PathRule.CriticalExtension when Extension is not null =>
                $"the certificate {Name(owner)} has a critical extension that is not known here: {Extension}",
            PathRule.CriticalExtension => $"the certificate {Name(owner)} has a critical extension that is not known here",
            PathRule.ExplicitPolicy => $"the CA {Name(owner)} requires a certificate policy, and there is none that all of the chain names",
            _ => $"the certificate {Name(owner)} names another key as its issuer's (authority key identifier) than {authority} has",
        };
    }

    private string DescribeName(string owner)
    {
        if (!HostName.TryNormalize(ExpectedName ?? "", out _))
            return $"{PeerText.Quote(ExpectedName ?? "")} is neither a DNS name nor an IP address.";
        return $"{owner} certificate is not for '{ExpectedName}' but for {(Names.Count > 0 ? PeerText.List(Names) : "no name at all")}.";
    }

    private string DescribeGap(string owner)
    {
        if (Gap == RevocationGap.OwnRoot) return $"The certificate {Name(owner)} is its own root: no list can revoke it.";
        string why = Gap switch
        {
            RevocationGap.NoList => "there is no revocation list that its issuer has signed",
            RevocationGap.OutOfScope => "none of its issuer's revocation lists covers it (issuing distribution point)",
            RevocationGap.Stale => $"its issuer's revocation list is stale since {Moment}",
            _ => $"its issuer's revocation list counts only from {Moment}",
        };
        return $"Whether the certificate {Name(owner)} is revoked cannot be told: {why}.";
    }
}
