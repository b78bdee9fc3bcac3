using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Certificates;

/// <summary>
/// Decides whether a peer's certificate is accepted: path validation by X509Chain against the given roots alone, and then the
/// rules that X509Chain lacks. Never asks the network (no AIA, CRL or OCSP fetch), and nothing it is fed makes it throw.
/// </summary>
public static class PeerVerifier
{
    /// <summary>The most certificates in a chain, leaf and root included.</summary>
    public const int MaxChainLength = 6;

    /// <summary>How an ECDSA key is named in <see cref="CertificateProblem.Algorithm"/>.</summary>
    internal const string Ecdsa = "ECDSA";

    private const int MinRsaBits = 2048;
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string RsaEncryption = "1.2.840.113549.1.1.1";

    private static readonly HashSet<string> AcceptedCurves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];

    /// <summary>Builds the chain and evaluates it.</summary>
    /// <param name="certificate">The peer's certificate; null if it showed none.</param>
    /// <param name="sent">Intermediates the peer sent along; they are looked at, never trusted.</param>
    /// <param name="roots">The only roots that are trusted.</param>
    /// <param name="role">The peer's side of the handshake.</param>
    /// <param name="expectedName">DNS name or IP address that a server must have; null to ask for none.</param>
    /// <param name="time">The moment at which it must be valid; null for now.</param>
    /// <param name="policy">Whether old certificates are let off some of the rules.</param>
    /// <param name="partialChain">The chain may end at any of <paramref name="roots"/>, also at one that another CA issued.</param>
    /// <returns>The verdict; when it is good, with the peer's identity and the rules that were waived.</returns>
    public static PeerVerdict Verify(
        X509Certificate2? certificate,
        X509Certificate2Collection sent,
        X509Certificate2Collection roots,
        PeerRole role,
        string? expectedName = null,
        DateTime? time = null,
        TlsPolicy policy = TlsPolicy.Strict,
        bool partialChain = false)
    {
        if (certificate is null) return new(new CertificateProblem(CertificateFault.Missing));
        using var chain = new X509Chain();
        try
        {
            chain.ChainPolicy = CreateChainPolicy(roots, role);
            chain.ChainPolicy.ExtraStore.AddRange(sent);
            if (time is { } moment) chain.ChainPolicy.VerificationTime = moment;
            chain.Build(certificate);
            ChainPath path = partialChain ? ChainPath.UpTo(roots, chain) : ChainPath.Of(chain);
            return Evaluate(certificate, path, role, expectedName, time ?? DateTime.Now, policy);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The platform throws what it likes at bytes that it does not like. Whatever it is, nobody is let in by it.
            return new(new CertificateProblem(CertificateFault.Malformed) { Detail = e.Message });
        }
        finally
        {
            foreach (X509ChainElement element in chain.ChainElements) element.Certificate.Dispose();
        }
    }

    /// <summary>Looks at one's own certificate as a peer will, but for the chain: its dates, its purpose, its key.</summary>
    /// <param name="certificate">The certificate that this side shows.</param>
    /// <param name="role">This side.</param>
    /// <param name="policy">The policy that the peer is thought to have.</param>
    public static PeerVerdict EvaluateOwn(X509Certificate2 certificate, PeerRole role, TlsPolicy policy = TlsPolicy.Strict)
    {
        try
        {
            PeerVerdict dates = EvaluateDates(certificate, DateTime.Now);
            if (!dates.Accepted) return dates;
            PeerVerdict leaf = LeafRules.Evaluate(certificate, role, out WaivedRules broken);
            if (!leaf.Accepted) return leaf;
            if (broken != WaivedRules.None && policy == TlsPolicy.Strict) return LeafRules.Refuse(certificate, role, broken);
            return EvaluateKey(certificate);
        }
        catch (CryptographicException e)
        {
            return new(new CertificateProblem(CertificateFault.Malformed) { Detail = e.Message });
        }
    }

    /// <summary>
    /// For the chain that SslStream cannot be kept from building: nothing is trusted and nothing looked for, so that it costs
    /// little and proves nothing. Intermediates that the peer sent are found in its ExtraStore.
    /// </summary>
    internal static X509ChainPolicy CreateEmptyPolicy() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        DisableCertificateDownloads = true,
        RevocationMode = X509RevocationMode.NoCheck,
    };

    private static X509ChainPolicy CreateChainPolicy(X509Certificate2Collection roots, PeerRole role)
    {
        X509ChainPolicy policy = CreateEmptyPolicy();
        policy.CustomTrustStore.AddRange(roots);
        policy.ApplicationPolicy.Add(new Oid(PurposeOf(role)));
        return policy;
    }

    private static PeerVerdict Evaluate(
        X509Certificate2 certificate, ChainPath chain, PeerRole role, string? expectedName, DateTime time, TlsPolicy policy)
    {
        // Of several faults the one that says most goes into the log: that nobody vouches for the peer comes before what its
        // certificate lacks, and that before what X509Chain says of the same.
        PeerVerdict leaf = LeafRules.Evaluate(certificate, role, out WaivedRules broken);
        if (leaf.Fault == CertificateFault.Malformed) return leaf;
        PeerVerdict path = EvaluatePath(chain, time);
        bool pathComesFirst =
            path.Fault is not (CertificateFault.WrongPurpose or CertificateFault.WeakKey or CertificateFault.WeakSignature);
        if (!path.Accepted && pathComesFirst) return path;
        if (!leaf.Accepted) return leaf;
        if (!path.Accepted) return path;
        if (chain.Certificates.Count == 1) broken |= WaivedRules.OwnRoot;
        PeerVerdict name = expectedName is null ? PeerVerdict.Good : LeafRules.EvaluateName(certificate, expectedName, role, ref broken);
        if (!name.Accepted) return name;
        if (broken != WaivedRules.None && policy == TlsPolicy.Strict) return LeafRules.Refuse(certificate, role, broken);
        return PeerVerdict.Good with { Waived = broken, Peer = PeerIdentity.Of(certificate, chain.Certificates) };
    }

    private static PeerVerdict EvaluatePath(ChainPath chain, DateTime now)
    {
        if (chain.Certificates.Count > MaxChainLength)
            return new(new CertificateProblem(CertificateFault.ChainTooLong) { Limit = MaxChainLength });

        X509ChainStatusFlags status = chain.Status;
        if (status.HasFlag(X509ChainStatusFlags.NotSignatureValid))
            return new(new CertificateProblem(CertificateFault.BadSignature));
        if ((status & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot)) != 0)
        {
            X509Certificate2 last = chain.Certificates[^1];
            return new(new CertificateProblem(CertificateFault.UntrustedIssuer) { Issuer = last.Issuer });
        }

        foreach (X509Certificate2 element in chain.Certificates)
        {
            PeerVerdict dates = EvaluateDates(element, now);
            if (!dates.Accepted) return dates;
        }

        if (status.HasFlag(X509ChainStatusFlags.NotValidForUsage))
            return new(new CertificateProblem(CertificateFault.WrongPurpose));
        if (status != X509ChainStatusFlags.NoError)
            return new(new CertificateProblem(CertificateFault.InvalidChain) { Detail = status.ToString() });

        for (int i = 0; i < chain.Certificates.Count; i++)
        {
            X509Certificate2 c = chain.Certificates[i];
            PeerVerdict key = EvaluateKey(c);
            if (!key.Accepted) return key;
            // A root is trusted for itself and not for its signature.
            bool isRoot = i == chain.Certificates.Count - 1;
            if (!isRoot && SignatureAlgorithm.Of(c) is null)
            {
                string? algorithm = NameOf(c.SignatureAlgorithm);
                return new(new CertificateProblem(CertificateFault.WeakSignature) { Subject = c.Subject, Algorithm = algorithm });
            }
        }

        return PeerVerdict.Good;
    }

    private static PeerVerdict EvaluateDates(X509Certificate2 certificate, DateTime now)
    {
        if (now < certificate.NotBefore)
            return OutOfDate(CertificateFault.NotYetValid, certificate, certificate.NotBefore);
        return now > certificate.NotAfter ? OutOfDate(CertificateFault.Expired, certificate, certificate.NotAfter) : PeerVerdict.Good;
    }

    private static PeerVerdict OutOfDate(CertificateFault fault, X509Certificate2 certificate, DateTime date) =>
        new(new CertificateProblem(fault) { Subject = certificate.Subject, Date = date.ToUniversalTime() });

    /// <summary>DNS names and IP addresses among the subject alternative names.</summary>
    public static IEnumerable<string> SubjectNames(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return names is null ? [] : names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(a => a.ToString()));
    }

    internal static PeerVerdict EvaluateKey(X509Certificate2 certificate)
    {
        switch (certificate.PublicKey.Oid.Value)
        {
            case RsaEncryption:
                using (RSA? rsa = certificate.GetRSAPublicKey())
                {
                    return rsa?.KeySize >= MinRsaBits ? PeerVerdict.Good : new(Weak("RSA") with { KeyBits = rsa?.KeySize ?? 0 });
                }

            case EcPublicKey:
                using (ECDsa? ec = certificate.GetECDsaPublicKey())
                {
                    string? curve = ec?.ExportParameters(false).Curve.Oid.Value;
                    bool accepted = curve is not null && AcceptedCurves.Contains(curve);
                    return accepted ? PeerVerdict.Good : new(Weak(Ecdsa) with { Curve = curve });
                }

            default:
                return new(Weak(NameOf(certificate.PublicKey.Oid)));
        }

        CertificateProblem Weak(string? algorithm) =>
            new(CertificateFault.WeakKey) { Subject = certificate.Subject, Algorithm = algorithm };
    }

    private static string? NameOf(Oid oid) => oid.FriendlyName ?? oid.Value;

    internal static string PurposeOf(PeerRole role) => role == PeerRole.Server ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2";
}
