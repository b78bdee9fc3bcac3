using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// The rules for a whole path: what X509Chain found, in our words, and what it does not look for. A part of <see cref="PeerVerifier"/>.
/// </summary>
internal static class PathRules
{
    private const int Version3 = 3;

    // Dates are compared in UTC by our own rule: X509Chain is given a local time, which summer time makes ambiguous.
    private const X509ChainStatusFlags Ignored = X509ChainStatusFlags.NotTimeValid | X509ChainStatusFlags.NotTimeNested;

    private const X509ChainStatusFlags NoRoot = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;

    private const X509ChainStatusFlags WrongNames = X509ChainStatusFlags.InvalidNameConstraints
        | X509ChainStatusFlags.HasNotPermittedNameConstraint | X509ChainStatusFlags.HasExcludedNameConstraint
        | X509ChainStatusFlags.HasNotSupportedNameConstraint | X509ChainStatusFlags.HasNotDefinedNameConstraint;

    private static readonly HashSet<string?> KnownExtensions =
    [
        ExtensionOid.SubjectKeyIdentifier, ExtensionOid.KeyUsage, ExtensionOid.SubjectAlternativeName, ExtensionOid.IssuerAlternativeName,
        ExtensionOid.BasicConstraints, ExtensionOid.NameConstraints, ExtensionOid.CertificatePolicies, ExtensionOid.PolicyMappings,
        ExtensionOid.AuthorityKeyIdentifier, ExtensionOid.PolicyConstraints, ExtensionOid.ExtendedKeyUsage, ExtensionOid.InhibitAnyPolicy,
    ];

    /// <summary>Evaluates a path that X509Chain has built.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="built">The path in it.</param>
    /// <param name="role">The peer's side of the handshake.</param>
    /// <param name="moment">When it must be valid.</param>
    /// <returns>The fault that says most; null when there is none.</returns>
    public static CertificateProblem? Evaluate(X509Chain chain, ChainPath built, PeerRole role, DateTimeOffset moment)
    {
        X509Certificate2[] path = built.Certificates;
        if (path.Length > PeerVerifier.MaxChainLength)
            return new(CertificateFault.ChainTooLong) { Limit = PeerVerifier.MaxChainLength };
        X509ChainStatusFlags status = built.Status & ~Ignored;
        if (status.HasFlag(X509ChainStatusFlags.NotSignatureValid)) return BadSignature(chain, path);
        if ((status & NoRoot) != 0)
            return new(CertificateFault.UntrustedIssuer) { Issuer = path[^1].Issuer, Position = path.Length - 1 };
        return EvaluateEach(path, moment)
            ?? EvaluatePurposes(path, role)
            ?? (status == X509ChainStatusFlags.NoError ? null : Explain(chain, path, status))
            ?? EvaluateTogether(path)
            ?? EvaluateStrength(path);
    }

    /// <summary>Evaluates each CA of a path by itself, and the dates of all: what needs no chain.</summary>
    public static CertificateProblem? EvaluateEach(IReadOnlyList<X509Certificate2> path, DateTimeOffset moment)
    {
        for (int i = 0; i < path.Count; i++)
        {
            // Of the peer's own it is known by now.
            CertificateProblem? problem = (i > 0 ? FormRules.Evaluate(path[i]) : null) ?? EvaluateDates(path[i], moment);
            if (problem is not null) return At(problem, path, i);
        }

        return null;
    }

    /// <summary>Evaluates the dates of a certificate.</summary>
    public static CertificateProblem? EvaluateDates(X509Certificate2 certificate, DateTimeOffset moment)
    {
        ValidityPeriod period = ValidityPeriod.Of(certificate);
        if (period.Contains(moment)) return null;
        return moment < period.From
            ? new CertificateProblem(CertificateFault.NotYetValid) { Subject = certificate.Subject, Date = period.From }
            : new CertificateProblem(CertificateFault.Expired) { Subject = certificate.Subject, Date = period.Until };
    }

    /// <summary>That a certificate is not signed by the one above it.</summary>
    public static CertificateProblem BadSignature(IReadOnlyList<X509Certificate2> path, int position) =>
        new(CertificateFault.BadSignature) { Subject = path[position].Subject, Position = position };

    /// <summary>That X509Chain does not take a certificate for the issuer of the one below, whose name and signature fit.</summary>
    /// <param name="path">The path.</param>
    /// <param name="position">Where it ended.</param>
    public static CertificateProblem NotTaken(IReadOnlyList<X509Certificate2> path, int position)
    {
        int below = Math.Min(position, path.Count - 2);
        return At(new(CertificateFault.InvalidChain) { Rule = PathRule.KeyIdentifier, Issuer = path[below + 1].Subject }, path, below);
    }

    private static CertificateProblem BadSignature(X509Chain chain, X509Certificate2[] path)
    {
        int position = Flagged(chain, X509ChainStatusFlags.NotSignatureValid);
        return position < 0 ? new(CertificateFault.BadSignature) : BadSignature(path, position);
    }

    // The purposes of a CA limit those of whom it signs. Of the peer's own, LeafRules tells.
    private static CertificateProblem? EvaluatePurposes(X509Certificate2[] path, PeerRole role)
    {
        int position = Array.FindIndex(path, 1, c => !IsFor(c, role));
        return position < 0 ? null : At(new CertificateProblem(CertificateFault.WrongPurpose) { Role = role }, path, position);
    }

    // The rules of X509Chain, looked at again where it says that one is broken: it says neither which one nor, always, by whom.
    private static CertificateProblem? Explain(X509Chain chain, X509Certificate2[] path, X509ChainStatusFlags status)
    {
        for (int i = 1; i < path.Length; i++)
        {
            if (ExplainAuthority(path, i, status) is { } problem) return At(problem, path, i);
        }

        int named = Flagged(chain, WrongNames), critical = Flagged(chain, X509ChainStatusFlags.HasNotSupportedCriticalExtension);
        return named >= 0 ? Broken(path, named, PathRule.NameConstraints)
            : critical >= 0 ? Broken(path, critical, PathRule.CriticalExtension) with { Extension = CriticalExtension(path[critical]) }
            : new CertificateProblem(CertificateFault.InvalidChain) { Detail = status.ToString() };
    }

    private static CertificateProblem? ExplainAuthority(X509Certificate2[] path, int position, X509ChainStatusFlags status)
    {
        X509Certificate2 authority = path[position];
        if (!status.HasFlag(X509ChainStatusFlags.InvalidBasicConstraints)) return null;
        X509BasicConstraintsExtension? basic = authority.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault();
        if (basic is not { CertificateAuthority: true }) return new(CertificateFault.InvalidChain) { Rule = PathRule.Authority };
        if (!MaySign(authority)) return new(CertificateFault.InvalidChain) { Rule = PathRule.CertificateSigning };
        int below = path.Take(1..position).Count(c => !IsSelfIssued(c));
        return basic.HasPathLengthConstraint && below > basic.PathLengthConstraint
            ? new(CertificateFault.InvalidChain) { Rule = PathRule.PathLength }
            : null;
    }

    // What X509Chain does not look for.
    private static CertificateProblem? EvaluateTogether(X509Certificate2[] path)
    {
        for (int i = 1; i < path.Length - 1; i++)
        {
            if (path[i].Version < Version3) return Broken(path, i, PathRule.Authority);
        }

        return EvaluateNames(path)
            ?? (CertificatePolicies.AreSatisfied(path) ? null : Broken(path, PolicyRequirer(path), PathRule.ExplicitPolicy));
    }

    private static CertificateProblem? EvaluateNames(X509Certificate2[] path)
    {
        for (int i = 1; i < path.Length; i++)
        {
            if (path[i].Extensions[ExtensionOid.NameConstraints] is not { } extension) continue;
            NameConstraints constraints = NameConstraints.Read(extension.RawData);
            for (int below = 0; below < i; below++)
            {
                // A CA that goes on under its own name is not bound, unless it is the peer (RFC 5280 section 6.1.3).
                if (below > 0 && IsSelfIssued(path[below])) continue;
                if (DnsNames(path[below]).FirstOrDefault(n => !constraints.Allow(n)) is { } name)
                    return Broken(path, below, PathRule.NameConstraints) with { Issuer = path[i].Subject, Names = [name] };
            }
        }

        return null;
    }

    private static IEnumerable<string> DnsNames(X509Certificate2 certificate) =>
        certificate.Extensions[ExtensionOid.SubjectAlternativeName] is { } names
            ? GeneralNames.Read(names.RawData).Where(n => n.Kind == GeneralNames.Dns).Select(n => n.Text!)
            : [];

    private static CertificateProblem? EvaluateStrength(X509Certificate2[] path)
    {
        for (int i = 0; i < path.Length; i++)
        {
            // A root is trusted for itself and not for its signature.
            bool isRoot = i == path.Length - 1;
            CertificateProblem? problem = KeyRules.Evaluate(path[i]) ?? (isRoot ? null : KeyRules.EvaluateSignature(path[i]));
            if (problem is not null) return At(problem, path, i);
        }

        return null;
    }

    private static bool IsFor(X509Certificate2 authority, PeerRole role)
    {
        const string any = "2.5.29.37.0";
        return authority.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .All(e => e.EnhancedKeyUsages.Cast<Oid>().Any(p => p.Value == any || p.Value == PeerVerifier.PurposeOf(role)));
    }

    private static bool MaySign(X509Certificate2 authority) =>
        authority.Extensions.OfType<X509KeyUsageExtension>().All(u => u.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign));

    private static bool IsSelfIssued(X509Certificate2 certificate) =>
        DistinguishedName.AreSame(certificate.SubjectName, certificate.IssuerName);

    private static string? CriticalExtension(X509Certificate2 certificate) =>
        certificate.Extensions.FirstOrDefault(e => e.Critical && !KnownExtensions.Contains(e.Oid?.Value))?.Oid?.Value;

    private static int PolicyRequirer(X509Certificate2[] path) =>
        Array.FindLastIndex(path, c => c.Extensions[ExtensionOid.PolicyConstraints] is not null);

    private static int Flagged(X509Chain chain, X509ChainStatusFlags flags)
    {
        for (int i = 0; i < chain.ChainElements.Count; i++)
        {
            if (chain.ChainElements[i].ChainElementStatus.Any(s => (s.Status & flags) != 0)) return i;
        }

        return -1;
    }

    private static CertificateProblem Broken(X509Certificate2[] path, int position, PathRule rule) =>
        At(new CertificateProblem(CertificateFault.InvalidChain) { Rule = rule }, path, position);

    private static CertificateProblem At(CertificateProblem problem, IReadOnlyList<X509Certificate2> path, int position) => problem with
    {
        Subject = path[position].Subject,
        Position = position,
        IsRoot = position > 0 && position == path.Count - 1,
    };
}
