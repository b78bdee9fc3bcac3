using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>Which keys and signatures are strong enough, in every certificate of a path. A part of <see cref="PeerVerifier"/>.</summary>
internal static class KeyRules
{
    /// <summary>How an ECDSA key is named in <see cref="CertificateProblem.Algorithm"/>.</summary>
    public const string Ecdsa = "ECDSA";

    private const int MinRsaBits = 2048;
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string RsaEncryption = "1.2.840.113549.1.1.1";

    private static readonly HashSet<string> AcceptedCurves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];

    /// <summary>True for RSA and for a key on an elliptic curve, whatever its size.</summary>
    public static bool IsKnownKind(X509Certificate2 certificate) => certificate.PublicKey.Oid.Value is RsaEncryption or EcPublicKey;

    /// <summary>Evaluates the owner's key.</summary>
    /// <exception cref="CryptographicException">The key cannot be read.</exception>
    public static CertificateProblem? Evaluate(X509Certificate2 certificate)
    {
        switch (certificate.PublicKey.Oid.Value)
        {
            case RsaEncryption:
                using (RSA? rsa = certificate.GetRSAPublicKey())
                {
                    return rsa?.KeySize >= MinRsaBits ? null : Weak("RSA") with { KeyBits = rsa?.KeySize ?? 0 };
                }

            case EcPublicKey:
                using (ECDsa? ec = certificate.GetECDsaPublicKey())
                {
                    string? curve = ec?.ExportParameters(false).Curve.Oid.Value;
                    return curve is not null && AcceptedCurves.Contains(curve) ? null : Weak(Ecdsa) with { Curve = curve };
                }

            default:
                return Weak(NameOf(certificate.PublicKey.Oid));
        }

        CertificateProblem Weak(string? algorithm) =>
            new(CertificateFault.WeakKey) { Subject = certificate.Subject, Algorithm = algorithm };
    }

    /// <summary>Evaluates the signature of the issuer.</summary>
    /// <exception cref="System.Formats.Asn1.AsnContentException">The algorithm cannot be read.</exception>
    public static CertificateProblem? EvaluateSignature(X509Certificate2 certificate) => SignatureAlgorithm.Of(certificate) is not null
        ? null
        : new CertificateProblem(CertificateFault.WeakSignature)
        {
            Subject = certificate.Subject,
            Algorithm = NameOf(certificate.SignatureAlgorithm),
        };

    private static string? NameOf(Oid oid) => oid.FriendlyName ?? oid.Value;
}
