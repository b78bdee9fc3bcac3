using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Client.Targets;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Client.Handshake;

/// <summary>
/// How to shake hands with one server: once so that sessions are resumed, and once so that none is. Each options object serves all
/// connections, because .NET keeps sessions with it.
/// </summary>
internal sealed class HandshakeOptions
{
    private readonly string _serverName;
    private readonly SslStreamCertificateContext? _certificate;
    private readonly TlsMaterial _tls;
    private volatile VerifiedCertificate? _known;

    public HandshakeOptions(Target target, TlsMaterial tls)
    {
        _tls = tls;
        _serverName = target.ServerName;
        _certificate = tls.Identity is { } identity
            ? SslStreamCertificateContext.Create(identity.Certificate, identity.Intermediates, offline: true)
            : null;
        Full = Create(resume: false);
        Resuming = Create(resume: true);
    }

    /// <summary>A new session every time.</summary>
    public SslClientAuthenticationOptions Full { get; }

    /// <summary>Sessions are resumed where the server lets them.</summary>
    public SslClientAuthenticationOptions Resuming { get; }

    private SslClientAuthenticationOptions Create(bool resume) => new()
    {
        TargetHost = _serverName,
        ClientCertificateContext = _certificate,
        EnabledSslProtocols = _tls.Protocols,
        AllowRenegotiation = false,
        AllowTlsResume = resume,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = TrustInRoots(),
        RemoteCertificateValidationCallback = Validate,
    };

    private X509ChainPolicy TrustInRoots()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_tls.TrustedRoots);
        return policy;
    }

    // What the platform says does not count: PeerVerifier knows the policy, and is stricter than it otherwise.
    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        PeerVerdict verdict = Judge(certificate as X509Certificate2, chain);
        if (verdict is { Accepted: true, Peer: { } peer }) verdict = _tls.Admission.Judge(peer, DateTimeOffset.UtcNow);
        ((JudgingStream)sender).Verdict = verdict;
        return verdict.Accepted;
    }

    // The server shows the same certificate every time: what was said of it the first time need not be found out again.
    private PeerVerdict Judge(X509Certificate2? certificate, X509Chain? chain)
    {
        if (certificate is null) return new PeerVerdict(new CertificateProblem(CertificateFault.Missing));
        byte[] shown = certificate.RawData;
        if (_known is { } known && known.Certificate.AsSpan().SequenceEqual(shown)) return known.Verdict;
        PeerVerdict verdict = PeerVerifier.Verify(certificate, chain?.ChainPolicy.ExtraStore ?? [], _tls.TrustedRoots, PeerRole.Server, _serverName, policy: _tls.Policy);
        _known = new VerifiedCertificate(shown, verdict);
        return verdict;
    }

    private sealed record VerifiedCertificate(byte[] Certificate, PeerVerdict Verdict);
}

/// <summary>
/// An SslStream that holds the verdict on its peer: the options, and with them the callback, are shared by all connections.
/// </summary>
internal sealed class JudgingStream(Stream inner) : SslStream(inner, leaveInnerStreamOpen: true)
{
    /// <summary>What the callback said; null while it was not asked.</summary>
    public PeerVerdict? Verdict { get; set; }
}
