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
        ("Names", Readable(() => Nameless(string.Join(", ", Names(certificate).Select(Text))))),
        ("Key", Readable(() => CertificateText.Key(certificate)) + (certificate.HasPrivateKey ? "; the private key is in the file" : "")),
        ("Signature", Readable(() => CertificateText.Signature(certificate))),
        ("Purpose",
            Readable(() => CertificateText.Purposes(certificate) is { Count: > 0 } purposes ? string.Join(", ", purposes) : "not limited")),
        ("CA", Readable(() => CertificateText.IsAuthority(certificate) ? "yes" : "no")),
        ("Valid", Readable(() => CertificateText.Validity(ValidityPeriod.Of(certificate), DateTimeOffset.UtcNow))),
        ("SHA-256", Convert.ToHexString(certificate.GetCertHash(HashAlgorithmName.SHA256))),
        ("SHA-1", certificate.Thumbprint),
    ];

    /// <summary>
    /// The names in its subject alternative name, also the kinds that a verifier of hosts passes over, such as the URI of a SPIFFE identity
    /// (RFC 5280 section 4.2.1.6).
    /// </summary>
    /// <exception cref="AsnContentException">They cannot be read.</exception>
    public static IEnumerable<CertificateName> Names(X509Certificate2 certificate)
    {
        if (certificate.Extensions[SubjectAlternativeName] is not { } extension) yield break;
        AsnReader names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            Asn1Tag tag = names.PeekTag();
            yield return tag.TagValue switch
            {
                1 => new("email", names.ReadCharacterString(UniversalTagNumber.IA5String, tag)),
                2 => new("dns", names.ReadCharacterString(UniversalTagNumber.IA5String, tag)),
                6 => new("uri", names.ReadCharacterString(UniversalTagNumber.IA5String, tag)),
                7 => new("ip", Address(names.ReadOctetString(tag))),
                _ => new("other", $"another kind of name ({names.ReadEncodedValue().Length} bytes)"),
            };
        }
    }

    /// <summary>Whether it names itself as its issuer.</summary>
    public static bool IsItsOwnIssuer(X509Certificate2 certificate) =>
        DistinguishedName.AreSame(certificate.IssuerName, certificate.SubjectName);

    private static string Text(CertificateName name) => name.Type switch
    {
        "email" => $"email {name.Value}",
        "uri" => $"URI {name.Value}",
        _ => name.Value,
    };

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

    private static string Nameless(string name) => name.Length == 0 ? "none" : name;

    private static string Address(byte[] octets) =>
        octets.Length is 4 or 16 ? new IPAddress(octets).ToString() : "an address of a wrong length";
}
