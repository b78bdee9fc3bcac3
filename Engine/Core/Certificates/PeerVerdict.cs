namespace RawEcho.Engine.Certificates;

/// <summary>On which side of the handshake the verified peer stands; it decides which purpose its certificate must have.</summary>
public enum PeerRole
{
    /// <summary>The peer is the server: serverAuth, and the name that was dialled.</summary>
    Server,

    /// <summary>The peer is the client: clientAuth.</summary>
    Client,
}

/// <summary>What is wrong with a peer's certificate.</summary>
public enum CertificateFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The peer showed none.</summary>
    Missing,

    /// <summary>It cannot be read as a certificate, or the platform refused to look at it.</summary>
    Malformed,

    /// <summary>Its validity has not begun.</summary>
    NotYetValid,

    /// <summary>Its validity is over.</summary>
    Expired,

    /// <summary>No chain leads to a trusted root.</summary>
    UntrustedIssuer,

    /// <summary>A signature in the chain does not verify.</summary>
    BadSignature,

    /// <summary>It is not made for the peer's role (RFC 5280 section 4.2.1.12), or names no purpose at all.</summary>
    WrongPurpose,

    /// <summary>It is a CA's certificate, and those do not stand for a peer.</summary>
    AuthorityAsPeer,

    /// <summary>Its key usage does not allow digital signatures (RFC 5280 section 4.2.1.3).</summary>
    WrongKeyUsage,

    /// <summary>A key of the chain is too weak: RSA below 2,048 bits, or another curve than P-256, P-384 and P-521.</summary>
    WeakKey,

    /// <summary>A signature of the chain is another one than RSA, RSA-PSS or ECDSA with SHA-2, such as one with SHA-1 or MD5.</summary>
    WeakSignature,

    /// <summary>The chain is longer than allowed.</summary>
    ChainTooLong,

    /// <summary>All certificates that the peer sent are together larger than allowed.</summary>
    ChainTooLarge,

    /// <summary>The name that was dialled is not among its subject alternative names (RFC 6125 section 6).</summary>
    NameMismatch,

    /// <summary>Another rule of X.509 path validation is broken (RFC 5280 section 6).</summary>
    InvalidChain,

    /// <summary>It is itself one of the trusted roots: nobody vouches for it, and nobody can revoke it.</summary>
    OwnRoot,

    /// <summary>It is X.509 v1 or v2, and so says nothing of what it may be used for.</summary>
    OldVersion,

    /// <summary>A revocation list of its issuer names it, or a CA above it (RFC 5280 section 5).</summary>
    Revoked,

    /// <summary>Nobody can tell whether it is revoked: an issuer's list is missing, stale or forged.</summary>
    RevocationUnknown,

    /// <summary>It is good, and not on the list of those who may come in.</summary>
    NotAllowed,
}

/// <summary>The outcome of looking at a peer's certificate.</summary>
/// <param name="Problem">What is wrong, with its facts; null when it is accepted.</param>
public readonly record struct PeerVerdict(CertificateProblem? Problem)
{
    /// <summary>Nothing is wrong.</summary>
    public static PeerVerdict Good { get; } = new(null);

    /// <summary>What is wrong; None when it is accepted.</summary>
    public CertificateFault Fault => Problem?.Fault ?? CertificateFault.None;

    /// <summary>What is wrong in one sentence for a log; null when it is accepted.</summary>
    public string? Explanation => Problem?.ToString();

    /// <summary>The rules that <see cref="TlsPolicy.Legacy"/> waived to accept it.</summary>
    public WaivedRules Waived { get; init; }

    /// <summary>Who was accepted; null where nobody was, and for verdicts that are not about a chain.</summary>
    public PeerIdentity? Peer { get; init; }

    /// <summary>True when nothing is wrong.</summary>
    public bool Accepted => Problem is null;
}
