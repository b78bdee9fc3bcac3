using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>The client's side.</summary>
/// <param name="next">What is done with a connection once its handshake is complete.</param>
/// <param name="options">What the client chooses.</param>
public sealed class TlsClientHandler(IConnectionHandler next, TlsClientOptions options)
    : TlsConnectionHandler(next, CreateSetup(options))
{
    private static TlsSetup CreateSetup(TlsClientOptions options)
    {
        var ssl = new SslClientAuthenticationOptions
        {
            TargetHost = options.ServerName,
            ApplicationProtocols = ListOf(options.ApplicationProtocols),
            ClientCertificateContext = options is { Identity: { } identity, SelectIdentity: null }
                ? SslStreamCertificateContext.Create(identity.Certificate, identity.Intermediates, offline: true)
                : null,
            LocalCertificateSelectionCallback = options.SelectIdentity is { } select
                ? (_, _, _, server, authorities) => Select(select, server, authorities)
                : null,
            AllowTlsResume = options.AllowResumption,
            EnabledSslProtocols = options.Protocols,
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = PeerVerifier.CreateEmptyPolicy(),
            RemoteCertificateValidationCallback = Evaluate,
        };
        var verdicts = new VerdictMemory(
            options.TrustedRoots, PeerRole.Server, options.ServerName, options.Policy, partialChain: options.PartialChain);
        return new TlsSetup(options, verdicts, RequiresPeer: true, stream => stream.AuthenticateAsClientAsync(ssl));
    }

    // SslStream asks once before the handshake, without a server's certificate: then nobody has asked yet. It takes null for nothing
    // to show, whatever its annotation says.
    private static X509Certificate2 Select(
        Func<IReadOnlyList<string>, TlsIdentity?> select, X509Certificate? server, IReadOnlyList<string> authorities) =>
        (server is null ? null : select(authorities)?.Certificate)!;
}
