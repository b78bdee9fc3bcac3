using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>The server's side.</summary>
public sealed class TlsServerHandler : TlsConnectionHandler
{
    /// <param name="next">What is done with a connection once its handshake is complete.</param>
    /// <param name="options">What the server chooses.</param>
    public TlsServerHandler(IConnectionHandler next, TlsServerOptions options)
        : base(next, CreateSetup(options))
    {
    }

    /// <summary>
    /// Changes certificate, roots, revocation lists or allow-list while connections are open. New handshakes use what is new; open
    /// connections go on, but for those whose peer is now revoked or not allowed: they end with <see cref="CloseReason.AccessWithdrawn"/>.
    /// </summary>
    /// <param name="options">
    /// What the server chooses from now on. TLS sessions can still be resumed where the identity has the same certificate as before, and no
    /// root was taken away.
    /// </param>
    /// <returns>How many connections were ended.</returns>
    public int Update(TlsServerOptions options)
    {
        TlsSetup old = Setup;
        bool isSame = old.Options is TlsServerOptions before && IsSameHandshake(before, options);
        int ended = Replace(isSame ? old with { Options = options } : CreateSetup(options));
        // Peers of a CA that is not trusted any more would bring it back by their tickets, and be refused until those end.
        bool isStricter = options.Policy != old.Options.Policy || (old.Options.PartialChain && !options.PartialChain);
        if (isStricter || LacksOneOf(old.Options.TrustedRoots, options.TrustedRoots)) TicketKeys.Renew();
        return ended;
    }

    // By their bytes: X509Certificate2 calls those equal that have issuer and serial number in common.
    private static bool LacksOneOf(X509Certificate2Collection before, X509Certificate2Collection now) =>
        !ReferenceEquals(before, now)
        && before.Any(b => !now.Any(n => n.RawDataMemory.Span.SequenceEqual(b.RawDataMemory.Span)));

    // What is asked again in each handshake may change without a new setup, and so may a delegate that only reports.
    private static bool IsSameHandshake(TlsServerOptions before, TlsServerOptions after) =>
        before.ApplicationProtocols.SequenceEqual(after.ApplicationProtocols)
        && before.OptionalProtocols.SequenceEqual(after.OptionalProtocols)
        && after == before with
        {
            ApplicationProtocols = after.ApplicationProtocols,
            OptionalProtocols = after.OptionalProtocols,
            Admission = after.Admission,
            HandshakeTimeout = after.HandshakeTimeout,
            OnLegacyPeer = after.OnLegacyPeer,
        };

    // One options object and one certificate context for all connections of a setup: each one costs an SSL_CTX.
    private static TlsSetup CreateSetup(TlsServerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxClientChainBytes);
        if (options is { ApplicationProtocols.Count: > 0, OptionalProtocols.Count: > 0 })
            throw new ArgumentException("ApplicationProtocols and OptionalProtocols cannot be used together.", nameof(options));
        SslServerAuthenticationOptions Showing(TlsIdentity identity, bool withOptional) => new()
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(identity.Certificate, identity.Intermediates, offline: true),
            ApplicationProtocols = ListOf(withOptional ? options.OptionalProtocols : options.ApplicationProtocols),
            ClientCertificateRequired = options.RequireClientCertificate,
            EnabledSslProtocols = options.Protocols,
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = PeerVerifier.CreateEmptyPolicy(),
            // Without a certificate asked for there is none to evaluate.
            RemoteCertificateValidationCallback = options.RequireClientCertificate ? Evaluate : null,
        };
        var verdicts = new VerdictMemory(
            options.TrustedRoots, PeerRole.Client, expectedName: null, options.Policy, maxChainBytes: options.MaxClientChainBytes,
            intermediates: TicketRenewal.IntermediatesOfProcess,
            partialChain: options.PartialChain);
        SslServerAuthenticationOptions standard = Showing(options.Identity, withOptional: false);
        if (options is { SelectIdentity: null, OptionalProtocols.Count: 0 })
            return new TlsSetup(options, verdicts, options.RequireClientCertificate, stream => stream.AuthenticateAsServerAsync(standard));
        var chosen = new ConcurrentDictionary<(TlsIdentity Identity, bool WithOptional), SslServerAuthenticationOptions>
        {
            [(options.Identity, false)] = standard,
        };
        ServerOptionsSelectionCallback choose = (stream, hello, _, _) =>
        {
            TlsIdentity? selected = hello.ServerName.Length > 0 ? options.SelectIdentity?.Invoke(hello.ServerName) : null;
            bool withOptional = ((TlsStream)stream).Bounds.Search is { Found: true };
            return ValueTask.FromResult(
                chosen.GetOrAdd((selected ?? options.Identity, withOptional), key => Showing(key.Identity, key.WithOptional)));
        };
        return new TlsSetup(
            options, verdicts, options.RequireClientCertificate,
            stream =>
            {
                if (options.OptionalProtocols.Count > 0) stream.Bounds.Search = new ProtocolSearch(options.OptionalProtocols);
                return stream.AuthenticateAsServerAsync(choose, state: null);
            });
    }
}
