using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using RawEcho.Engine.Certificates;

namespace RawEcho.CommandLine;

/// <summary>A certificate in words. What cannot be read of it is said to be so.</summary>
/// <param name="Subject">Distinguished name of whom it is for.</param>
/// <param name="Issuer">Distinguished name of who signed it.</param>
/// <param name="SerialNumber">In hexadecimal.</param>
/// <param name="Names">DNS names and IP addresses among its subject alternative names.</param>
/// <param name="Purposes">TLS server, TLS client, or an object identifier; empty when it is not limited.</param>
/// <param name="IsAuthority">It is a CA's certificate; null when that cannot be read.</param>
/// <param name="NotBefore">In UTC; null when the dates cannot be read.</param>
/// <param name="NotAfter">In UTC; null when the dates cannot be read.</param>
/// <param name="DaysLeft">Whole days until it ends; negative when it is over; null when the dates cannot be read.</param>
/// <param name="Key">Algorithm and size.</param>
/// <param name="Signature">The algorithm it is signed with.</param>
/// <param name="Sha256">Fingerprint of the DER form in hexadecimal.</param>
public sealed record CertificateReport(
    string Subject,
    string Issuer,
    string SerialNumber,
    IReadOnlyList<string> Names,
    IReadOnlyList<string> Purposes,
    bool? IsAuthority,
    DateTimeOffset? NotBefore,
    DateTimeOffset? NotAfter,
    int? DaysLeft,
    string Key,
    string Signature,
    string Sha256)
{
    private const string Unreadable = "unreadable";

    /// <summary>When it is valid; null when the dates cannot be read.</summary>
    [JsonIgnore]
    public ValidityPeriod? Validity => NotBefore is { } from && NotAfter is { } until ? new(from, until) : null;

    /// <summary>Of a certificate.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="now">The moment that the days left are counted from.</param>
    public static CertificateReport Of(X509Certificate2 certificate, DateTimeOffset now)
    {
        ValidityPeriod? validity = ValidityPeriod.TryRead(certificate);
        return new(
            Text(() => certificate.Subject),
            Text(() => certificate.Issuer),
            Text(() => certificate.SerialNumber),
            Readable<IReadOnlyList<string>>(() => [.. PeerVerifier.SubjectNames(certificate)], [Unreadable]),
            Readable(() => CertificateText.Purposes(certificate), [Unreadable]),
            Readable<bool?>(() => CertificateText.IsAuthority(certificate), null),
            validity?.From,
            validity?.Until,
            validity is { Until: var end } ? CertificateText.DaysLeft(end, now) : null,
            Text(() => CertificateText.Key(certificate)),
            Text(() => CertificateText.Signature(certificate)),
            Text(() => certificate.GetCertHashString(HashAlgorithmName.SHA256)));
    }

    private static string Text(Func<string> part) => Readable(part, Unreadable);

    private static T Readable<T>(Func<T> part, T otherwise)
    {
        try
        {
            return part();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A stranger's bytes, and a platform that throws what it likes at them: the other parts are still told.
            return otherwise;
        }
    }
}
