using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>The rules for the peer's own certificate, which X509Chain lacks. A part of <see cref="PeerVerifier"/>.</summary>
internal static class LeafRules
{
    /// <summary>Evaluates the certificate as one of the role's.</summary>
    /// <param name="certificate">The peer's; it can be read (<see cref="FormRules"/>).</param>
    /// <param name="role">Its side of the handshake.</param>
    /// <param name="broken">The rules it breaks that a policy may waive.</param>
    /// <returns>What no policy waives; null for nothing.</returns>
    public static CertificateProblem? Evaluate(X509Certificate2 certificate, PeerRole role, out WaivedRules broken)
    {
        const int version3 = 3;
        broken = certificate.Version < version3 ? WaivedRules.OldVersion : WaivedRules.None;
        X509EnhancedKeyUsageExtension? purposes = null;
        foreach (X509Extension extension in certificate.Extensions)
        {
            switch (extension)
            {
                case X509BasicConstraintsExtension { CertificateAuthority: true }:
                    broken |= WaivedRules.AuthorityAsPeer;
                    break;
                case X509KeyUsageExtension usage when !usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature):
                    return new(CertificateFault.WrongKeyUsage) { Subject = certificate.Subject, Position = 0 };
                case X509EnhancedKeyUsageExtension named:
                    purposes = named;
                    break;
            }
        }

        if (purposes is null) broken |= WaivedRules.NoPurpose;
        else if (!purposes.EnhancedKeyUsages.OfType<Oid>().Any(p => p.Value == PeerVerifier.PurposeOf(role)))
            return new(CertificateFault.WrongPurpose) { Subject = certificate.Subject, Position = 0, Role = role };
        return null;
    }

    /// <summary>Evaluates whether a server has the name that was dialled.</summary>
    /// <param name="certificate">The server's.</param>
    /// <param name="expected">DNS name or IP address.</param>
    /// <param name="role">The peer's; a wildcard counts for a server alone.</param>
    /// <param name="broken">Is added to when only the common name matches.</param>
    /// <exception cref="CryptographicException">The names cannot be read.</exception>
    public static CertificateProblem? EvaluateName(X509Certificate2 certificate, string expected, PeerRole role, ref WaivedRules broken)
    {
        if (!HostName.TryNormalize(expected, out string? name))
            return new(CertificateFault.NameMismatch) { ExpectedName = expected, Position = 0 };
        bool hasAlternatives = certificate.Extensions[ExtensionOid.SubjectAlternativeName] is not null;
        bool hasName = hasAlternatives
            ? certificate.MatchesHostname(name, allowWildcards: role == PeerRole.Server, allowCommonName: false)
            : HasCommonName(certificate, name);
        if (hasName)
        {
            if (!hasAlternatives) broken |= WaivedRules.CommonNameAsName;
            return null;
        }

        return NameMismatch(certificate, expected) with { Position = 0 };
    }

    /// <summary>That a certificate has other names than the one expected.</summary>
    /// <exception cref="CryptographicException">The names cannot be read.</exception>
    public static CertificateProblem NameMismatch(X509Certificate2 certificate, string expected) =>
        new(CertificateFault.NameMismatch) { ExpectedName = expected, Names = [.. PeerVerifier.SubjectNames(certificate)] };

    /// <summary>What strict says of rules that legacy would waive.</summary>
    public static CertificateProblem Refuse(X509Certificate2 certificate, PeerRole role, WaivedRules broken) =>
        new(WaivedRulesText.Fault(broken)) { Subject = certificate.Subject, Role = role, Waivable = broken };

    // One common name, compared in full: a wildcard in it never counted for anyone but the user agents of old.
    private static bool HasCommonName(X509Certificate2 certificate, string name) =>
        PeerNames.OnlyCommonName(certificate) is { } common
        && HostName.TryNormalize(common, out string? normalized) && string.Equals(normalized, name, StringComparison.Ordinal);
}
