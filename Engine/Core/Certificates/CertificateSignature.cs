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
            return algorithm.IsBy(authority, CryptographicOperations.HashData(algorithm.Hash, signed.Span), fields.ReadBitString(out _));
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            // What cannot be read is for the rules of the path to name.
            return true;
        }
    }
}
