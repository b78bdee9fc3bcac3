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

    /// <summary>Builds the chain and evaluates it.</summary>
    /// <param name="certificate">The peer's certificate; null if it showed none.</param>
    /// <param name="sent">Intermediates the peer sent along; they are looked at, never trusted.</param>
    /// <param name="roots">The only roots that are trusted.</param>
    /// <param name="role">The peer's side of the handshake.</param>
    /// <param name="expectedName">DNS name or IP address that a server must have; null to ask for none.</param>
    /// <param name="time">The moment at which it must be valid, in whatever kind of time its Kind says; null for now.</param>
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
        try
        {
            // What cannot be read is nobody's, whoever has signed it.
            if (FormRules.Evaluate(certificate) is { } malformed) return new(malformed with { Position = 0 });
            DateTimeOffset moment = time?.ToUniversalTime() ?? DateTimeOffset.UtcNow;
            var question = new PeerQuestion(certificate, role, expectedName, moment, policy, partialChain);
            PeerVerdict first = PathBuilder.Build(question, sent, roots, out string[] path);
            return PathSearch.MayMend(first) ? new PathSearch(question, sent, roots, first, path).Run() : first;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The platform throws what it likes at bytes that it does not like. Whatever it is, nobody is let in by it.
            return new(new CertificateProblem(CertificateFault.Malformed) { Detail = e.Message });
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
            CertificateProblem? problem = FormRules.Evaluate(certificate) ?? PathRules.EvaluateDates(certificate, DateTimeOffset.UtcNow);
            if (problem is not null) return new(problem);
            problem = LeafRules.Evaluate(certificate, role, out WaivedRules broken);
            if (problem is null && broken != WaivedRules.None && policy == TlsPolicy.Strict)
                problem = LeafRules.Refuse(certificate, role, broken);
            // Not one of a chain: there is none to have a place in.
            return new((problem ?? KeyRules.Evaluate(certificate)) is { } fault ? fault with { Position = null } : null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
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

    /// <summary>DNS names and IP addresses among the subject alternative names.</summary>
    public static IEnumerable<string> SubjectNames(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return names is null ? [] : names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(a => a.ToString()));
    }

    internal static string PurposeOf(PeerRole role) => role == PeerRole.Server ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2";
}
