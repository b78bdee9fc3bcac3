using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;

namespace RawEcho.CommandLine;

/// <summary>
/// Parts of a certificate in words, as all programs put them. Words that come out of the certificate are as they stand there: not yet safe
/// for a terminal (<see cref="Engine.Certificates.PeerText.Clean"/>).
/// </summary>
public static class CertificateText
{
    private const string Unknown = "of an unknown kind";

    /// <summary>
    /// What it may be used for: TLS server, TLS client, or the name or number of another purpose; empty when it is not limited.
    /// </summary>
    /// <exception cref="CryptographicException">The extension cannot be read.</exception>
    public static IReadOnlyList<string> Purposes(X509Certificate2 certificate)
    {
        if (certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is not { } usage) return [];
        string[] purposes = [.. usage.EnhancedKeyUsages.Cast<Oid>().Select(o => o.Value switch
        {
            "1.3.6.1.5.5.7.3.1" => "TLS server",
            "1.3.6.1.5.5.7.3.2" => "TLS client",
            "2.5.29.37.0" => "any",
            _ => NameOf(o),
        })];
        // A list without an entry limits it to nothing, which is the opposite of no list.
        return purposes.Length > 0 ? purposes : ["none"];
    }

    /// <summary>It is a CA's certificate.</summary>
    /// <exception cref="CryptographicException">The extension cannot be read.</exception>
    public static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(b => b.CertificateAuthority);

    /// <summary>The owner's key: RSA 2048, ECDSA P-256.</summary>
    /// <exception cref="CryptographicException">The key cannot be read.</exception>
    public static string Key(X509Certificate2 certificate)
    {
        using RSA? rsa = certificate.GetRSAPublicKey();
        if (rsa is not null) return $"RSA {rsa.KeySize}";
        using ECDsa? ec = certificate.GetECDsaPublicKey();
        if (ec is null) return NameOf(certificate.PublicKey.Oid);
        // A curve that is written out has no identifier, whatever the type says.
        Oid? curve = ec.ExportParameters(false).Curve.Oid;
        return curve?.Value switch
        {
            null => "ECDSA on a curve without a name",
            "1.2.840.10045.3.1.7" => "ECDSA P-256",
            "1.3.132.0.34" => "ECDSA P-384",
            "1.3.132.0.35" => "ECDSA P-521",
            _ => $"ECDSA {NameOf(curve)}",
        };
    }

    /// <summary>The algorithm it is signed with.</summary>
    public static string Signature(X509Certificate2 certificate) => NameOf(certificate.SignatureAlgorithm);

    /// <summary>From when to when, and what is left of it: 2026-11-21 01:00 UTC to 2027-11-21 01:00 UTC, 364 days left.</summary>
    public static string Validity(ValidityPeriod period, DateTimeOffset now)
    {
        string left = DaysLeft(period.Until, now) switch
        {
            < 0 => "EXPIRED",
            _ when period.From > now => "NOT YET VALID",
            int days => $"{Days(days)} left",
        };
        return $"{Utc(period.From)} to {Utc(period.Until)}, {left}";
    }

    /// <summary>Whole days until an end; negative when it is over.</summary>
    public static int DaysLeft(DateTimeOffset end, DateTimeOffset now) => (int)Math.Floor((end - now).TotalDays);

    /// <summary>1 day, 2 days.</summary>
    public static string Days(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "day" : "days")}");

    /// <summary>A moment in UTC, to the minute.</summary>
    public static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A day of the calendar in UTC.</summary>
    public static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string NameOf(Oid oid) => oid.FriendlyName ?? oid.Value ?? Unknown;
}
