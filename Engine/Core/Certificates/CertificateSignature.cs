using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// Tells which of several CAs of one name has signed a certificate. No verdict: X509Chain has the last word on every signature.
/// </summary>
internal static class CertificateSignature
{
    /// <summary>False only where the signature surely is not made with this CA's key.</summary>
    public static bool MayBeBy(X509Certificate2 authority, X509Certificate2 certificate)
    {
        try
        {
            AsnReader fields = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER).ReadSequence();
            ReadOnlyMemory<byte> signed = fields.ReadEncodedValue();
            // Of a signature that is too weak, or of an unknown kind, another rule tells.
            if (SignatureAlgorithm.Read(fields.ReadEncodedValue()) is not { } algorithm || !KeyRules.IsKnownKind(authority)) return true;
            return MayBeBy(authority, algorithm, signed.Span, fields.ReadBitString(out _));
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            // What cannot be read is for the rules of the path to name.
            return true;
        }
    }

    private static bool MayBeBy(
        X509Certificate2 authority, SignatureAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (algorithm.Padding is { } padding)
        {
            using RSA? rsa = authority.GetRSAPublicKey();
            // RSA-PSS may have been made with another salt than the one that is tried here.
            return rsa is not null
                && (padding == RSASignaturePadding.Pss || rsa.VerifyData(signed, signature, algorithm.Hash, padding));
        }

        using ECDsa? ecdsa = authority.GetECDsaPublicKey();
        return ecdsa?.VerifyData(signed, signature, algorithm.Hash, DSASignatureFormat.Rfc3279DerSequence) ?? false;
    }
}
