using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs;

/// <summary>A certificate in words. A part that cannot be read is said to be so; the others are still shown.</summary>
internal static class CertificateDescription
{
    private const string SubjectAlternativeName = "2.5.29.17";

    /// <summary>Labels and values, as they stand in the certificate: not yet safe for a terminal.</summary>
    public static IEnumerable<(string Label, string Value)> Of(X509Certificate2 certificate) =>
    [
        ("Subject", Readable(() => Nameless(certificate.Subject))),
        ("Issuer", Readable(() => IsItsOwnIssuer(certificate) ? "itself" : Nameless(certificate.Issuer))),
        ("Serial", certificate.SerialNumber),
        ("Names", Readable(() => Nameless(string.Join(", ", Names(certificate))))),
        ("Key", Readable(() => CertificateText.Key(certificate)) + (certificate.HasPrivateKey ? "; the private key is in the file" : "")),
        ("Signature", Readable(() => CertificateText.Signature(certificate))),
        ("Purpose",
            Readable(() => CertificateText.Purposes(certificate) is { Count: > 0 } purposes ? string.Join(", ", purposes) : "not limited")),
        ("CA", Readable(() => CertificateText.IsAuthority(certificate) ? "yes" : "no")),
        ("Valid", Readable(() => CertificateText.Validity(ValidityPeriod.Of(certificate), DateTimeOffset.UtcNow))),
        ("SHA-256", Convert.ToHexString(certificate.GetCertHash(HashAlgorithmName.SHA256))),
        ("SHA-1", certificate.Thumbprint),
    ];

    private static string Readable(Func<string> part)
    {
        try
        {
            return part();
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            return "cannot be read";
        }
    }

    private static bool IsItsOwnIssuer(X509Certificate2 certificate) =>
        DistinguishedName.AreSame(certificate.IssuerName, certificate.SubjectName);

    private static string Nameless(string name) => name.Length == 0 ? "none" : name;

    // Also the kinds that a verifier of hosts passes over, such as the URI of a SPIFFE identity (RFC 5280 section 4.2.1.6).
    private static IEnumerable<string> Names(X509Certificate2 certificate)
    {
        if (certificate.Extensions[SubjectAlternativeName] is not { } extension) yield break;
        AsnReader names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            Asn1Tag tag = names.PeekTag();
            yield return tag.TagValue switch
            {
                1 => "email " + names.ReadCharacterString(UniversalTagNumber.IA5String, tag),
                2 => names.ReadCharacterString(UniversalTagNumber.IA5String, tag),
                6 => "URI " + names.ReadCharacterString(UniversalTagNumber.IA5String, tag),
                7 => Address(names.ReadOctetString(tag)),
                _ => $"another kind of name ({names.ReadEncodedValue().Length} bytes)",
            };
        }
    }

    private static string Address(byte[] octets) =>
        octets.Length is 4 or 16 ? new IPAddress(octets).ToString() : "an address of a wrong length";
}
