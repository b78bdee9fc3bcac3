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
/// <param name="Pss">What RSA-PSS says besides; null for others.</param>
internal readonly record struct SignatureAlgorithm(HashAlgorithmName Hash, RSASignaturePadding? Padding, PssParameters? Pss = null)
{
    private const string RsaPss = "1.2.840.113549.1.1.10";
    private const string Mgf1 = "1.2.840.113549.1.1.8";
    private const string Sha1 = "1.3.14.3.2.26";

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
        if (oid == RsaPss) return ReadPss(algorithm);
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

    /// <summary>Whether a key has made a signature of this algorithm.</summary>
    /// <param name="signer">The certificate of the key.</param>
    /// <param name="hash">What was signed, hashed with <see cref="Hash"/>.</param>
    /// <param name="signature">The signature.</param>
    /// <exception cref="CryptographicException">The key or the signature cannot be used.</exception>
    public bool IsBy(X509Certificate2 signer, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        if (Padding is not { } padding)
        {
            using ECDsa? ecdsa = signer.GetECDsaPublicKey();
            return ecdsa?.VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence) ?? false;
        }

        using RSA? rsa = signer.GetRSAPublicKey();
        if (rsa is null) return false;
        return Pss is { } parameters
            ? PssSignature.Verify(rsa, hash, signature, Hash, parameters)
            : rsa.VerifyHash(hash, signature, Hash, padding);
    }

    // RFC 4055 section 3.1: what is left out stands for SHA-1 and a salt of its 20 bytes. The mask hides and does not sign: there SHA-1
    // is no harm. The fourth, the trailer field, has one value that there is a meaning for.
    private static SignatureAlgorithm? ReadPss(AsnReader algorithm)
    {
        const int defaultSalt = 20, longestSalt = 2048;
        AsnReader parameters = algorithm.ReadSequence();
        if (ReadField(parameters, 0) is not { } hashField) return null;
        if (!Hashes.TryGetValue(hashField.ReadSequence().ReadObjectIdentifier(), out HashAlgorithmName hash)) return null;
        if (ReadMaskHash(ReadField(parameters, 1)) is not { } maskHash) return null;
        int saltLength = defaultSalt, trailer = 1;
        if (ReadField(parameters, 2) is { } saltField && !saltField.TryReadInt32(out saltLength)) return null;
        if (ReadField(parameters, 3) is { } trailerField && !trailerField.TryReadInt32(out trailer)) return null;
        parameters.ThrowIfNotEmpty();
        return saltLength is >= 0 and <= longestSalt && trailer == 1
            ? new(hash, RSASignaturePadding.Pss, new PssParameters(maskHash, saltLength))
            : null;
    }

    private static HashAlgorithmName? ReadMaskHash(AsnReader? field)
    {
        if (field is null) return HashAlgorithmName.SHA1;
        AsnReader mask = field.ReadSequence();
        if (mask.ReadObjectIdentifier() != Mgf1) return null;
        string oid = mask.ReadSequence().ReadObjectIdentifier();
        if (oid == Sha1) return HashAlgorithmName.SHA1;
        return Hashes.TryGetValue(oid, out HashAlgorithmName hash) ? hash : null;
    }

    private static AsnReader? ReadField(AsnReader parameters, int number)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, number);
        return parameters.HasData && parameters.PeekTag().HasSameClassAndValue(tag) ? parameters.ReadSequence(tag) : null;
    }
}
