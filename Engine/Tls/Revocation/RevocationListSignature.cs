using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Tls.Revocation;

/// <summary>Verifies the signature of a revocation list, for which .NET has no API.</summary>
internal static class RevocationListSignature
{
    private const string RsaPss = "1.2.840.113549.1.1.10";

    private static readonly Dictionary<string, HashAlgorithmName> Rsa = new()
    {
        ["1.2.840.113549.1.1.11"] = HashAlgorithmName.SHA256,
        ["1.2.840.113549.1.1.12"] = HashAlgorithmName.SHA384,
        ["1.2.840.113549.1.1.13"] = HashAlgorithmName.SHA512,
    };

    private static readonly Dictionary<string, HashAlgorithmName> Ecdsa = new()
    {
        ["1.2.840.10045.4.3.2"] = HashAlgorithmName.SHA256,
        ["1.2.840.10045.4.3.3"] = HashAlgorithmName.SHA384,
        ["1.2.840.10045.4.3.4"] = HashAlgorithmName.SHA512,
    };

    private static readonly Dictionary<string, HashAlgorithmName> Hashes = new()
    {
        ["2.16.840.1.101.3.4.2.1"] = HashAlgorithmName.SHA256,
        ["2.16.840.1.101.3.4.2.2"] = HashAlgorithmName.SHA384,
        ["2.16.840.1.101.3.4.2.3"] = HashAlgorithmName.SHA512,
    };

    /// <summary>True when the list can only be this CA's: same name, allowed to sign lists, and its key made the signature.</summary>
    public static bool IsBy(X509Certificate2 authority, RevocationList list)
    {
        if (!authority.SubjectName.RawData.AsSpan().SequenceEqual(list.IssuerName.Span)) return false;
        try
        {
            // RFC 5280 section 6.3.3 (f). Certificates without key usage are not limited.
            bool maySign = authority.Extensions.OfType<X509KeyUsageExtension>().All(u => u.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign));
            return maySign && IsSigned(authority, list);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            return false;
        }
    }

    // SHA-1, MD5 and what else is not in the tables counts as no signature, here as in certificates.
    private static bool IsSigned(X509Certificate2 authority, RevocationList list)
    {
        AsnReader algorithm = new AsnReader(list.Algorithm, AsnEncodingRules.DER).ReadSequence();
        string oid = algorithm.ReadObjectIdentifier();
        ReadOnlySpan<byte> data = list.SignedBytes.Span, signature = list.Signature.Span;
        if (Ecdsa.TryGetValue(oid, out HashAlgorithmName hash))
        {
            using ECDsa? key = authority.GetECDsaPublicKey();
            return key?.VerifyData(data, signature, hash, DSASignatureFormat.Rfc3279DerSequence) ?? false;
        }

        RSASignaturePadding padding = RSASignaturePadding.Pkcs1;
        if (oid == RsaPss)
        {
            if (ReadPssHash(algorithm) is not { } pssHash) return false;
            (padding, hash) = (RSASignaturePadding.Pss, pssHash);
        }
        else if (!Rsa.TryGetValue(oid, out hash))
        {
            return false;
        }

        using RSA? rsa = authority.GetRSAPublicKey();
        return rsa?.VerifyData(data, signature, hash, padding) ?? false;
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
