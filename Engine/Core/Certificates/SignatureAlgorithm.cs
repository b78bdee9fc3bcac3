using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// The signatures that count, on certificates and revocation lists alike: RSA, RSA-PSS and ECDSA, with SHA-2. A list of what is
/// good and not of what is bad: the name of RSA-PSS alone does not say which hash it is with, and its default is SHA-1.
/// </summary>
/// <param name="Hash">The hash that is signed.</param>
/// <param name="Padding">For RSA; null for ECDSA.</param>
internal readonly record struct SignatureAlgorithm(HashAlgorithmName Hash, RSASignaturePadding? Padding)
{
    private const string RsaPss = "1.2.840.113549.1.1.10";

    private static readonly Dictionary<string, SignatureAlgorithm> Known = new()
    {
        ["1.2.840.113549.1.1.11"] = new(HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        ["1.2.840.113549.1.1.12"] = new(HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1),
        ["1.2.840.113549.1.1.13"] = new(HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
        ["1.2.840.10045.4.3.2"] = new(HashAlgorithmName.SHA256, Padding: null),
        ["1.2.840.10045.4.3.3"] = new(HashAlgorithmName.SHA384, Padding: null),
        ["1.2.840.10045.4.3.4"] = new(HashAlgorithmName.SHA512, Padding: null),
    };

    private static readonly Dictionary<string, HashAlgorithmName> Hashes = new()
    {
        ["2.16.840.1.101.3.4.2.1"] = HashAlgorithmName.SHA256,
        ["2.16.840.1.101.3.4.2.2"] = HashAlgorithmName.SHA384,
        ["2.16.840.1.101.3.4.2.3"] = HashAlgorithmName.SHA512,
    };

    /// <summary>Reads an AlgorithmIdentifier (RFC 5280 section 4.1.1.2).</summary>
    /// <returns>Null for an algorithm that does not count.</returns>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static SignatureAlgorithm? Read(ReadOnlyMemory<byte> identifier)
    {
        AsnReader algorithm = new AsnReader(identifier, AsnEncodingRules.DER).ReadSequence();
        string oid = algorithm.ReadObjectIdentifier();
        if (oid == RsaPss) return ReadPssHash(algorithm) is { } hash ? new(hash, RSASignaturePadding.Pss) : null;
        return Known.TryGetValue(oid, out SignatureAlgorithm known) ? known : null;
    }

    /// <summary>What a certificate is signed with.</summary>
    /// <returns>Null for an algorithm that does not count.</returns>
    /// <exception cref="AsnContentException">The certificate cannot be read.</exception>
    public static SignatureAlgorithm? Of(X509Certificate2 certificate)
    {
        AsnReader fields = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER).ReadSequence();
        fields.ReadEncodedValue();
        return Read(fields.ReadEncodedValue());
    }

    // RFC 4055 section 3.1. RSA.VerifyData takes the same hash for the mask; where that is another one, the signature does not verify.
    private static HashAlgorithmName? ReadPssHash(AsnReader algorithm)
    {
        AsnReader parameters = algorithm.ReadSequence();
        var hashTag = new Asn1Tag(TagClass.ContextSpecific, 0);
        if (!parameters.HasData || !parameters.PeekTag().HasSameClassAndValue(hashTag)) return null;
        string oid = parameters.ReadSequence(hashTag).ReadSequence().ReadObjectIdentifier();
        return Hashes.TryGetValue(oid, out HashAlgorithmName hash) ? hash : null;
    }
}
