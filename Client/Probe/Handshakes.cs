using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;

namespace RawEcho.Client.Probe;

/// <summary>Whether a server asks for a client certificate, and from which CAs.</summary>
/// <param name="Asked">Null when it did not come to light.</param>
/// <param name="Authorities">Names of CAs; empty when it takes any, or did not ask.</param>
internal sealed record RequestedCertificate(bool? Asked, IReadOnlyList<string> Authorities);

/// <summary>
/// The handshakes of a probe: as the load client does it, again for a resumed session, and one to learn what is asked for.
/// </summary>
internal sealed class Handshakes
{
    private const string AuthorityInformationAccess = "1.3.6.1.5.5.7.1.1";

    private readonly ProbeSettings _settings;
    private readonly SslClientAuthenticationOptions _options;

    public Handshakes(ProbeSettings settings)
    {
        _settings = settings;
        _options = CreateOptions();
        if (settings.Tls.Identity is { } own)
            _options.ClientCertificateContext = SslStreamCertificateContext.Create(own.Certificate, own.Intermediates, offline: true);
    }

    /// <summary>Shakes hands as the load client does. The second one offers the session of the first.</summary>
    public Task<TlsAttempt> RunAsync(Socket socket) => TlsAttempt.RunAsync(socket, _options, _settings);

    /// <summary>
    /// Shakes hands to learn which certificate is asked for. Under TLS 1.3 the request is encrypted, and SslStream tells it to a
    /// selection callback alone, which it does not call when it has a certificate with its intermediates: hence one more connection.
    /// </summary>
    public async Task<RequestedCertificate> LearnRequestAsync(Socket socket)
    {
        SslClientAuthenticationOptions options = CreateOptions();
        options.LocalCertificateSelectionCallback = (sender, _, _, remote, authorities) =>
        {
            // SslStream asks once before the handshake: then nobody has asked yet.
            if (remote is null) return null!;
            ((ProbeStream)sender).Authorities = authorities;
            return CanShowAlone(_settings.Tls.Identity) ? _settings.Tls.Identity!.Certificate : null!;
        };
        await using TlsAttempt attempt = await TlsAttempt.RunAsync(socket, options, _settings);
        if (attempt.Stream.Authorities is { } asked) return new(true, asked);
        return new(attempt.Server is null ? null : false, []);
    }

    // The platform would look for the intermediates of a lone certificate by itself, on the network too if the certificate says where.
    private static bool CanShowAlone(TlsIdentity? identity) =>
        identity is { Intermediates.Count: 0 } && identity.Certificate.Extensions[AuthorityInformationAccess] is null;

    private SslClientAuthenticationOptions CreateOptions()
    {
        var platform = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        return new SslClientAuthenticationOptions
        {
            TargetHost = _settings.ServerName,
            EnabledSslProtocols = _settings.Tls.Protocols,
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            // The platform's verdict is not asked for: PeerVerifier judges, as it does for the load client.
            CertificateChainPolicy = platform,
            RemoteCertificateValidationCallback = (sender, certificate, chain, _) =>
            {
                ServerChain? server = ServerChain.Of(certificate, chain, _settings);
                ((ProbeStream)sender).Server = server;
                return server is { Verdict.Accepted: true };
            },
        };
    }
}
