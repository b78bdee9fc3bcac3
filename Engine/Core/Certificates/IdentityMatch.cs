using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>Finds the certificate that a key belongs to, wherever both stand, and puts the others into the order of the chain.</summary>
internal static class IdentityMatch
{
    /// <summary>
    /// Joins the first certificate that fits a key with it: one of a peer before one of a CA, one that is valid before another.
    /// </summary>
    /// <returns>The certificate with its key and the others; null where none fits.</returns>
    public static (X509Certificate2 Own, X509Certificate2Collection Others)? Find(
        IReadOnlyList<X509Certificate2> certificates, IReadOnlyList<KeyCandidate> keys)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        IEnumerable<X509Certificate2> likelyFirst =
            certificates.OrderBy(IsAuthority).ThenBy(c => ValidityPeriod.TryRead(c)?.Contains(now) != true);
        foreach (X509Certificate2 certificate in likelyFirst)
        {
            if (WithKey(certificate, keys) is { } own) return (own, ChainOf(own, certificates));
        }

        return null;
    }

    /// <summary>Joins a certificate with the key that fits it.</summary>
    /// <returns>Null where none does.</returns>
    public static X509Certificate2? WithKey(X509Certificate2 certificate, IEnumerable<KeyCandidate> keys)
    {
        foreach (AsymmetricAlgorithm key in keys.Select(k => k.Key).OfType<AsymmetricAlgorithm>())
        {
            try
            {
                return key is RSA rsa ? certificate.CopyWithPrivateKey(rsa) : certificate.CopyWithPrivateKey((ECDsa)key);
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
            {
                // It belongs to another certificate, or is of another kind.
            }
        }

        return null;
    }

    // From the certificate upwards; what does not belong to its chain comes last.
    private static X509Certificate2Collection ChainOf(X509Certificate2 own, IEnumerable<X509Certificate2> certificates)
    {
        List<X509Certificate2> rest = [.. certificates.Where(c => !c.RawDataMemory.Span.SequenceEqual(own.RawDataMemory.Span))];
        var chain = new X509Certificate2Collection();
        var above = new Queue<X509Certificate2>([own]);
        while (above.TryDequeue(out X509Certificate2? lower))
        {
            foreach (X509Certificate2 issuer in rest.Where(c => Issued(c, lower)).ToArray())
            {
                rest.Remove(issuer);
                chain.Add(issuer);
                above.Enqueue(issuer);
            }
        }

        chain.AddRange(rest.ToArray());
        return chain;
    }

    private static bool Issued(X509Certificate2 issuer, X509Certificate2 lower) =>
        DistinguishedName.AreSame(issuer.SubjectName, lower.IssuerName);

    private static bool IsAuthority(X509Certificate2 certificate)
    {
        try
        {
            return certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(b => b.CertificateAuthority);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
