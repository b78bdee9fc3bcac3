using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RawEcho.Certs;

/// <summary>Makes revocation lists (RFC 5280 section 5) from what a CA has revoked.</summary>
internal static class CertificateList
{
    private static readonly Dictionary<string, X509RevocationReason> Reasons = new(StringComparer.OrdinalIgnoreCase)
    {
        ["unspecified"] = X509RevocationReason.Unspecified,
        ["keyCompromise"] = X509RevocationReason.KeyCompromise,
        ["affiliationChanged"] = X509RevocationReason.AffiliationChanged,
        ["superseded"] = X509RevocationReason.Superseded,
        ["cessationOfOperation"] = X509RevocationReason.CessationOfOperation,
    };

    /// <summary>The words for reasons, as --help lists them.</summary>
    public static string ReasonNames => string.Join('|', Reasons.Keys);

    /// <summary>The word for a reason as RFC 5280 section 5.3.1 spells it; null for one that it does not have.</summary>
    public static string? WordOf(X509RevocationReason reason) =>
        Enum.GetName(reason) is { } name ? char.ToLowerInvariant(name[0]) + name[1..] : null;

    /// <summary>Takes a word for a reason into its one spelling.</summary>
    public static bool TryReason(string word, out string reason)
    {
        reason = Reasons.Keys.FirstOrDefault(k => string.Equals(k, word, StringComparison.OrdinalIgnoreCase)) ?? "";
        return reason.Length > 0;
    }

    /// <summary>Signs a list with everything that is revoked, expired certificates included.</summary>
    /// <param name="ca">The CA with its key.</param>
    /// <param name="index">What was revoked; its next list number is used.</param>
    /// <param name="now">The moment of the list; an hour is taken off, for clocks that are behind.</param>
    /// <param name="days">When the next list is due.</param>
    /// <returns>The file, and the index with the number taken.</returns>
    public static (NewFile File, IssuedIndex Index) Sign(X509Certificate2 ca, IssuedIndex index, DateTimeOffset now, int days)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (IssuedCertificate c in index.Certificates)
        {
            if (c.RevokedAt is not { } at) continue;
            X509RevocationReason? reason =
                Reasons.TryGetValue(c.Reason ?? "", out X509RevocationReason r) && r != X509RevocationReason.Unspecified ? r : null;
            builder.AddEntry(Convert.FromHexString(c.Serial), at, reason);
        }

        IssuedIndex next = index with { LastListNumber = index.LastListNumber + 1 };
        HashAlgorithmName hash = KeyAlgorithms.HashFor(KeyAlgorithms.Of(ca.PublicKey));
        byte[] list = builder.Build(
            ca, new BigInteger(next.LastListNumber), now.AddDays(days), hash, RSASignaturePadding.Pkcs1, now.AddHours(-1));
        byte[] pem = Encoding.ASCII.GetBytes(PemEncoding.WriteString("X509 CRL", list) + "\n");
        return (new NewFile(CertificateSet.RevocationList, pem, Secret: false), next);
    }
}
