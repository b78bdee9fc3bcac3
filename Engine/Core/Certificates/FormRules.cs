using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// Whether a certificate can be read in the one way that is meant: its version, its dates, and each extension that something is decided by.
/// A part of <see cref="PeerVerifier"/>, for every certificate of a path.
/// </summary>
internal static class FormRules
{
    private const int Version1 = 1, Version3 = 3;

    /// <summary>Evaluates a certificate by itself.</summary>
    /// <returns>What cannot be read of it; null when all of it can.</returns>
    public static CertificateProblem? Evaluate(X509Certificate2 certificate)
    {
        if (certificate.Version is < Version1 or > Version3) return Malformed(certificate, CertificateDefect.Version);
        if (ValidityPeriod.TryRead(certificate) is null) return Malformed(certificate, CertificateDefect.Dates);
        X509ExtensionCollection extensions = certificate.Extensions;
        if (extensions.Count > 0 && certificate.Version < Version3) return Malformed(certificate, CertificateDefect.Version);
        // A set, because a stranger's certificate may have thousands.
        var seen = new HashSet<string?>();
        foreach (X509Extension extension in extensions)
        {
            string? oid = extension.Oid?.Value;
            // Which one of two counts is anyone's guess (RFC 5280 section 4.2: at most one).
            if (!seen.Add(oid)) return Malformed(certificate, CertificateDefect.ExtensionTwice, oid);
            if (!IsReadable(extension)) return Malformed(certificate, CertificateDefect.Extension, oid);
        }

        return null;
    }

    private static CertificateProblem Malformed(X509Certificate2 certificate, CertificateDefect defect, string? oid = null) =>
        new(CertificateFault.Malformed) { Subject = certificate.Subject, Defect = defect, Extension = oid };

    private static bool IsReadable(X509Extension extension)
    {
        try
        {
            switch (extension)
            {
                case X509BasicConstraintsExtension basic: _ = basic.CertificateAuthority; break;
                case X509KeyUsageExtension usage: _ = usage.KeyUsages; break;
                case X509EnhancedKeyUsageExtension purposes: _ = purposes.EnhancedKeyUsages.Count; break;
                case X509SubjectKeyIdentifierExtension key: _ = key.SubjectKeyIdentifierBytes; break;
                case X509AuthorityKeyIdentifierExtension key: _ = key.KeyIdentifier; break;
                default: Read(extension); break;
            }

            return true;
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            return false;
        }
    }

    private static void Read(X509Extension extension)
    {
        switch (extension.Oid?.Value)
        {
            case ExtensionOid.SubjectAlternativeName or ExtensionOid.IssuerAlternativeName: GeneralNames.Read(extension.RawData); break;
            case ExtensionOid.NameConstraints: NameConstraints.Read(extension.RawData); break;
            case ExtensionOid.CertificatePolicies: CertificatePolicies.ReadDeclared(extension.RawData); break;
            case ExtensionOid.PolicyMappings: CertificatePolicies.ReadMappings(extension.RawData); break;
            case ExtensionOid.PolicyConstraints: CertificatePolicies.ReadConstraints(extension.RawData); break;
            case ExtensionOid.InhibitAnyPolicy: CertificatePolicies.ReadSkip(extension.RawData); break;
        }
    }
}
