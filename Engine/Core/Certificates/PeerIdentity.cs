using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// Who a verified peer is: what allow-lists and revocation lists ask about. Taken once from the chain that was accepted, so
/// that asking again, for a resumed session or after a reload, needs no certificate and no path validation.
/// </summary>
public sealed class PeerIdentity
{
    private PeerIdentity(
        X509Certificate2 certificate, X509Certificate2 root, ImmutableArray<PathCertificate> path, ValidityPeriod validity)
    {
        Validity = validity;
        Root = SharedText.Of(root.Subject);
        Subject = SharedText.Of(certificate.Subject);
        Fingerprint = SharedText.Of(Convert.ToHexString(SHA256.HashData(certificate.RawDataMemory.Span)));
        Names = PeerNames.Of(certificate);
        Path = path;
    }

    /// <summary>The distinguished name of its certificate.</summary>
    public string Subject { get; }

    /// <summary>SHA-256 of its certificate's DER form, in upper-case hexadecimal.</summary>
    public string Fingerprint { get; }

    /// <summary>Its names as an allow-list spells them: cn:NAME, dns:name, uri:URI.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The distinguished name of the trusted root that its chain leads to.</summary>
    public string Root { get; }

    /// <summary>When every certificate of its chain is valid.</summary>
    internal ValidityPeriod Validity { get; }

    /// <summary>The certificates of its chain but for the root, its own first.</summary>
    internal ImmutableArray<PathCertificate> Path { get; }

    /// <summary>Takes what counts out of a chain that was built; the chain's certificates may be disposed of afterwards.</summary>
    internal static PeerIdentity Of(X509Certificate2 certificate, IReadOnlyList<X509Certificate2> chain)
    {
        int issued = Math.Max(0, chain.Count - 1);
        ImmutableArray<PathCertificate>.Builder path = ImmutableArray.CreateBuilder<PathCertificate>(issued);
        for (int i = 0; i < issued; i++)
        {
            bool isRoot = i == issued - 1;
            path.Add(PathCertificate.Of(chain[i], chain[i + 1], isRoot));
        }

        ValidityPeriod[] periods = [.. chain.Select(ValidityPeriod.Of)];
        return new PeerIdentity(
            certificate,
            chain[^1],
            path.MoveToImmutable(),
            new ValidityPeriod(periods.Max(p => p.From), periods.Min(p => p.Until)));
    }
}

/// <summary>One certificate of a path, as its issuer's revocation lists know it.</summary>
/// <param name="Subject">Its distinguished name.</param>
/// <param name="Serial">Its serial number; see <see cref="Digest.OfSerial"/>.</param>
/// <param name="Issuer">Its issuer: name and key; see <see cref="Digest.OfAuthority"/>.</param>
/// <param name="IssuerCertificate">Its issuer's certificate in DER; null when that is a root, which everyone knows already.</param>
internal readonly record struct PathCertificate(string Subject, Digest Serial, Digest Issuer, byte[]? IssuerCertificate)
{
    /// <summary>It is a CA's: some lists cover those alone, or the others.</summary>
    public bool IsAuthority { get; init; }

    /// <summary>The places of the lists that cover it; see <see cref="DistributionPoints.Of"/>.</summary>
    public ImmutableArray<Digest> Points { get; init; }

    public static PathCertificate Of(X509Certificate2 certificate, X509Certificate2 issuer, bool isIssuedByRoot)
    {
        string subject = SharedText.Of(certificate.Subject);
        Digest serial = Digest.OfSerial(certificate.SerialNumberBytes.Span);
        return new PathCertificate(subject, serial, Digest.OfAuthority(issuer), isIssuedByRoot ? null : issuer.RawData)
        {
            IsAuthority = certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(c => c.CertificateAuthority),
            Points = DistributionPoints.Of(certificate),
        };
    }
}
