using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>Why no peer can be accepted because of a certificate among the trusted ones.</summary>
public enum AnchorFault
{
    /// <summary>Another CA issued it, which is not there: a chain cannot end at it.</summary>
    NotRoot = 0,

    /// <summary>It is not a CA's, or the CA may not sign certificates.</summary>
    NotAuthority,

    /// <summary>It has expired.</summary>
    Expired,

    /// <summary>It is not valid yet.</summary>
    NotYetValid,

    /// <summary>Its key is too weak, or of a kind that is not accepted.</summary>
    WeakKey,

    /// <summary>It cannot be read.</summary>
    Unreadable,
}

/// <summary>A trusted certificate because of which no peer can be accepted.</summary>
/// <param name="Fault">What is wrong with it.</param>
/// <param name="Certificate">The certificate.</param>
public sealed record AnchorProblem(AnchorFault Fault, X509Certificate2 Certificate)
{
    /// <summary>What the platform says of a certificate that cannot be read; null for nothing.</summary>
    public string? Detail { get; init; }

    /// <summary>The problem in one sentence.</summary>
    public string Describe() => $"The certificate {PeerText.Quote(Certificate.Subject)} " + Fault switch
    {
        AnchorFault.NotRoot => $"is not a root: {PeerText.Quote(Certificate.Issuer)} issued it, and is not in the file.",
        AnchorFault.NotAuthority => "is not one of a CA that may sign certificates.",
        AnchorFault.Expired => $"expired on {PeerText.Utc(ValidityPeriod.Of(Certificate).Until.UtcDateTime)}.",
        AnchorFault.NotYetValid => $"is not valid before {PeerText.Utc(ValidityPeriod.Of(Certificate).From.UtcDateTime)}.",
        AnchorFault.WeakKey => $"has a key that {KeyRules.Evaluate(Certificate)?.KeyFault}. Nothing below it is accepted.",
        _ when Detail is not null => $"cannot be read: {PeerText.Quote(Detail.TrimEnd('.'))}.",
        _ => "cannot be read.",
    };
}

/// <summary>What the trusted certificates are good for, before the first peer comes.</summary>
/// <param name="CanAccept">At least one of them can be the end of a peer's chain, now or once it is valid.</param>
/// <param name="Problems">Those that cannot, in their order.</param>
public sealed record TrustAnchors(bool CanAccept, IReadOnlyList<AnchorProblem> Problems)
{
    private const int Version3 = 3;

    /// <summary>Looks at the trusted certificates.</summary>
    /// <param name="trusted">The certificates.</param>
    /// <param name="partialChain">A chain may end at an intermediate among them.</param>
    /// <param name="policy">With <see cref="TlsPolicy.Legacy"/> a peer may show a trusted certificate itself.</param>
    /// <param name="now">The moment at which they must be valid.</param>
    public static TrustAnchors Examine(
        X509Certificate2Collection trusted, bool partialChain, TlsPolicy policy, DateTimeOffset now)
    {
        var problems = new List<AnchorProblem>();
        bool canAccept = false;
        foreach (X509Certificate2 certificate in trusted)
        {
            bool isAnchor = partialChain || IsRoot(certificate);
            AnchorFault? fault = Evaluate(certificate, policy, now, out string? detail);
            // An intermediate beside its root completes chains.
            bool isBelowOther = !isAnchor && trusted.Any(c => c != certificate && Issued(c, certificate));
            if (fault is null && !isAnchor && !isBelowOther) fault = AnchorFault.NotRoot;
            if (fault is { } wrong) problems.Add(new AnchorProblem(wrong, certificate) { Detail = detail });
            canAccept |= isAnchor && fault is null or AnchorFault.NotYetValid;
        }

        return new TrustAnchors(canAccept, problems);
    }

    private static AnchorFault? Evaluate(X509Certificate2 certificate, TlsPolicy policy, DateTimeOffset now, out string? detail)
    {
        detail = null;
        try
        {
            ValidityPeriod period = ValidityPeriod.Of(certificate);
            if (now > period.Until) return AnchorFault.Expired;
            if (KeyRules.Evaluate(certificate) is not null) return AnchorFault.WeakKey;
            if (policy == TlsPolicy.Strict && !MaySign(certificate)) return AnchorFault.NotAuthority;
            return now < period.From ? AnchorFault.NotYetValid : null;
        }
        catch (CryptographicException e)
        {
            detail = e.Message;
            return AnchorFault.Unreadable;
        }
    }

    // RFC 5280 section 4.2.1.9; what has no extensions at all is from before them.
    private static bool MaySign(X509Certificate2 certificate)
    {
        bool? isAuthority = certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault()?.CertificateAuthority;
        X509KeyUsageFlags? usage = certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault()?.KeyUsages;
        bool maySign = usage?.HasFlag(X509KeyUsageFlags.KeyCertSign) ?? true;
        return maySign && (isAuthority ?? (certificate.Version < Version3 || usage is not null));
    }

    // X509Chain is asked what it will be asked in handshakes: of a certificate that only looks like a root it says that it is none.
    private static bool IsRoot(X509Certificate2 certificate)
    {
        if (!Issued(certificate, certificate)) return false;
        using var chain = new X509Chain { ChainPolicy = PeerVerifier.CreateEmptyPolicy() };
        chain.ChainPolicy.CustomTrustStore.Add(certificate);
        try
        {
            chain.Build(certificate);
            const X509ChainStatusFlags notRoot = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;
            return chain.ChainStatus.All(s => (s.Status & notRoot) == 0);
        }
        catch (CryptographicException)
        {
            return false;
        }
        finally
        {
            foreach (X509ChainElement element in chain.ChainElements) element.Certificate.Dispose();
        }
    }

    private static bool Issued(X509Certificate2 issuer, X509Certificate2 lower) =>
        DistinguishedName.AreSame(issuer.SubjectName, lower.IssuerName);
}
