using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates.Revocation;

/// <summary>Verifies the signature of a revocation list, for which .NET has no API.</summary>
internal static class RevocationListSignature
{
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

    private static bool IsSigned(X509Certificate2 authority, RevocationList list)
    {
        if (SignatureAlgorithm.Read(list.Algorithm) is not { } algorithm) return false;
        ReadOnlySpan<byte> data = list.SignedBytes.Span, signature = list.Signature.Span;
        if (algorithm.Padding is { } padding)
        {
            using RSA? rsa = authority.GetRSAPublicKey();
            return rsa?.VerifyData(data, signature, algorithm.Hash, padding) ?? false;
        }

        using ECDsa? ecdsa = authority.GetECDsaPublicKey();
        return ecdsa?.VerifyData(data, signature, algorithm.Hash, DSASignatureFormat.Rfc3279DerSequence) ?? false;
    }
}
