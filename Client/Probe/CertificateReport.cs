using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Tls;

namespace RawEcho.Client.Probe;

/// <summary>A certificate in words. What cannot be read of it is said to be so.</summary>
/// <param name="Subject">Distinguished name of whom it is for.</param>
/// <param name="Issuer">Distinguished name of who signed it.</param>
/// <param name="SerialNumber">In hexadecimal.</param>
/// <param name="Names">DNS names and IP addresses among its subject alternative names.</param>
/// <param name="Purposes">TLS server, TLS client, or an object identifier; empty when it is not limited.</param>
/// <param name="IsAuthority">It is a CA's certificate.</param>
/// <param name="NotBefore">In UTC.</param>
/// <param name="NotAfter">In UTC.</param>
/// <param name="DaysLeft">Whole days until it ends; negative when it is over.</param>
/// <param name="Key">Algorithm and size.</param>
/// <param name="Signature">The algorithm it is signed with.</param>
/// <param name="Sha256">Fingerprint of the DER form in hexadecimal.</param>
internal sealed record CertificateReport(
    string Subject,
    string Issuer,
    string SerialNumber,
    IReadOnlyList<string> Names,
    IReadOnlyList<string> Purposes,
    bool IsAuthority,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter,
    int DaysLeft,
    string Key,
    string Signature,
    string Sha256)
{
    private const string Unreadable = "cannot be read";

    public static CertificateReport Of(X509Certificate2 certificate, DateTimeOffset now)
    {
        var notAfter = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        return new(
            certificate.Subject,
            certificate.Issuer,
            certificate.SerialNumber,
            Readable<string[]>(() => [.. PeerVerifier.SubjectNames(certificate)], [Unreadable]),
            Readable(() => PurposesOf(certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault()), [Unreadable]),
            Readable(() => certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(b => b.CertificateAuthority), false),
            new DateTimeOffset(certificate.NotBefore.ToUniversalTime()),
            notAfter,
            (int)Math.Floor((notAfter - now).TotalDays),
            Readable(() => KeyOf(certificate), Unreadable),
            certificate.SignatureAlgorithm.FriendlyName ?? certificate.SignatureAlgorithm.Value ?? Unreadable,
            certificate.GetCertHashString(HashAlgorithmName.SHA256));
    }

    private static string[] PurposesOf(X509EnhancedKeyUsageExtension? usage) =>
    [
        .. usage?.EnhancedKeyUsages.Cast<Oid>().Select(o => o.Value switch
        {
            "1.3.6.1.5.5.7.3.1" => "TLS server",
            "1.3.6.1.5.5.7.3.2" => "TLS client",
            "2.5.29.37.0" => "any",
            _ => o.FriendlyName ?? o.Value ?? Unreadable,
        }) ?? [],
    ];

    private static string KeyOf(X509Certificate2 certificate)
    {
        using RSA? rsa = certificate.GetRSAPublicKey();
        if (rsa is not null) return $"RSA {rsa.KeySize}";
        using ECDsa? ec = certificate.GetECDsaPublicKey();
        if (ec is null) return certificate.PublicKey.Oid.FriendlyName ?? certificate.PublicKey.Oid.Value ?? Unreadable;
        Oid curve = ec.ExportParameters(false).Curve.Oid;
        return curve.Value switch
        {
            "1.2.840.10045.3.1.7" => "ECDSA P-256",
            "1.3.132.0.34" => "ECDSA P-384",
            "1.3.132.0.35" => "ECDSA P-521",
            _ => $"ECDSA {curve.FriendlyName ?? curve.Value}",
        };
    }

    private static T Readable<T>(Func<T> part, T otherwise)
    {
        try
        {
            return part();
        }
        catch (CryptographicException)
        {
            return otherwise;
        }
    }
}
