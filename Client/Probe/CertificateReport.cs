using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

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
            Readable(() => CertificateText.Purposes(certificate), [Unreadable]),
            Readable(() => CertificateText.IsAuthority(certificate), false),
            new DateTimeOffset(certificate.NotBefore.ToUniversalTime()),
            notAfter,
            CertificateText.DaysLeft(notAfter, now),
            Readable(() => CertificateText.Key(certificate), Unreadable),
            CertificateText.Signature(certificate),
            certificate.GetCertHashString(HashAlgorithmName.SHA256));
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
