namespace RawEcho.Engine.Certificates;

/// <summary>How much of today's certificate profile a peer must fulfil.</summary>
public enum TlsPolicy
{
    /// <summary>All of it; the default.</summary>
    Strict = 0,

    /// <summary>
    /// Waives the rules of <see cref="WaivedRules"/> for certificates as old tutorials make them. Never waives the chain, the
    /// validity dates, revocation, weak keys or weak signatures.
    /// </summary>
    Legacy,
}

/// <summary>The rules that <see cref="TlsPolicy.Legacy"/> waives, and no others.</summary>
[Flags]
public enum WaivedRules
{
    /// <summary>The certificate breaks none of them.</summary>
    None = 0,

    /// <summary>It is X.509 v1 (or v2), which has no extensions.</summary>
    OldVersion = 1,

    /// <summary>It has no subject alternative name, and its common name is the name that was dialled (RFC 6125 section 6.4.4).</summary>
    CommonNameAsName = 2,

    /// <summary>It has no extended key usage. One that names other purposes is refused all the same.</summary>
    NoPurpose = 4,

    /// <summary>It is a CA's certificate.</summary>
    AuthorityAsPeer = 8,

    /// <summary>It is itself one of the trusted roots.</summary>
    OwnRoot = 16,
}

/// <summary>The waived rules in words.</summary>
public static class WaivedRulesText
{
    private static readonly (WaivedRules Rule, CertificateFault Fault, string Text)[] Known =
    [
        (WaivedRules.AuthorityAsPeer, CertificateFault.AuthorityAsPeer, "is a CA certificate"),
        (WaivedRules.OwnRoot, CertificateFault.OwnRoot, "is its own root"),
        (WaivedRules.OldVersion, CertificateFault.OldVersion, "is X.509 v1"),
        (WaivedRules.NoPurpose, CertificateFault.WrongPurpose, "has no extended key usage"),
        (WaivedRules.CommonNameAsName, CertificateFault.NameMismatch, "has a name only in its common name"),
    ];

    /// <summary>The fault to report; None for no rule.</summary>
    internal static CertificateFault Fault(WaivedRules rules) => Array.Find(Known, k => rules.HasFlag(k.Rule)).Fault;

    /// <summary>What the certificate is or lacks: "is X.509 v1, has no extended key usage".</summary>
    public static string Describe(WaivedRules rules) => string.Join(", ", Known.Where(k => rules.HasFlag(k.Rule)).Select(k => k.Text));
}
