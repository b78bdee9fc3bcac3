using System.Diagnostics;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>
/// TLS in front of another handler: handshake on the thread pool and under a deadline, then the next handler on the event
/// loop, then close_notify. Made once, serves any number of connections.
/// </summary>
public abstract class TlsConnectionHandler : IConnectionHandler
{
    private readonly IConnectionHandler _next;
    private readonly TimeSpan _handshakeTimeout;

    private protected TlsConnectionHandler(IConnectionHandler next, TlsOptions options)
    {
        _next = next;
        _handshakeTimeout = options.HandshakeTimeout;
    }

    /// <inheritdoc/>
    public async Task HandleAsync(Connection connection)
    {
        var stream = new TlsStream(new HandshakeStream(connection));
        try
        {
            if (!await TryHandshakeAsync(connection, stream)) return;
            await _next.HandleAsync(new TlsConnection(connection, stream));
            await SayGoodbyeAsync(connection.Lifetime, stream);
        }
        catch (IOException) when (connection.TransportEnd is not CloseReason.None and var end)
        {
            // The transport ended in the middle of a record.
            connection.Lifetime.TryEnd(end == CloseReason.PeerClosed ? CloseReason.PeerTruncated : end, null);
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }

    private protected abstract Task AuthenticateAsync(TlsStream stream);

    /// <summary>Looks at what the peer really presented, in a full handshake or in the session that was resumed.</summary>
    private protected abstract PeerVerdict Authorize(TlsStream stream);

    private protected static bool Accept(object sender, SslPolicyErrors errors, PeerVerdict verdict)
    {
        // The callback may only tighten: what SslStream itself objects to stays refused.
        if (verdict.Accepted && errors != SslPolicyErrors.None)
            verdict = new PeerVerdict(CertificateFault.InvalidChain, $"Its certificate is not accepted by the platform: {errors}.");
        ((TlsStream)sender).Verdict = verdict;
        return verdict.Accepted;
    }

    private async Task<bool> TryHandshakeAsync(Connection connection, TlsStream stream)
    {
        ConnectionLifetime lifetime = connection.Lifetime;
        long start = Stopwatch.GetTimestamp();
        lifetime.Established = false;
        lifetime.SetDeadline(_handshakeTimeout, CloseReason.HandshakeTimeout);
        lifetime.Telemetry?.HandshakeStarted();
        // Certificates and keys are computed with: that would stall every connection of an event loop.
        connection.CompletesInline = false;
        ConnectionEnd? failure;
        try
        {
            await AuthenticateAsync(stream);
            PeerVerdict verdict = Authorize(stream);
            failure = verdict.Accepted ? null : new ConnectionEnd(CloseReason.PeerCertificateRefused, verdict.Explanation);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            failure = HandshakeFailure.Explain(e, stream.Verdict, connection.TransportEnd);
        }
        finally
        {
            stream.Bounds.Complete();
        }

        lifetime.ClearDeadline();
        if (failure is { } f) lifetime.TryEnd(f.Reason, f.Detail);
        bool succeeded = failure is null && lifetime.End.Reason == CloseReason.None;
        lifetime.Telemetry?.HandshakeEnded(succeeded, Stopwatch.GetElapsedTime(start));
        lifetime.Established = succeeded;
        connection.CompletesInline = succeeded;
        return succeeded;
    }

    // close_notify, so that the peer can tell the end from an attack that cut the stream off (RFC 8446 section 6.1).
    private static async Task SayGoodbyeAsync(ConnectionLifetime lifetime, TlsStream stream)
    {
        lifetime.Conclude();
        bool canBeSaid = lifetime.End.Reason is CloseReason.PeerClosed or CloseReason.PeerTruncated
            or CloseReason.LocalClosed or CloseReason.Drained or CloseReason.IdleTimeout or CloseReason.LifetimeEnded;
        if (!canBeSaid) return;
        try
        {
            await stream.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or AuthenticationException)
        {
            // The peer has gone, or the deadline was quicker: the reason of the ending stands, and there is nobody to tell.
        }
    }
}

/// <summary>The server's side.</summary>
public sealed class TlsServerHandler : TlsConnectionHandler
{
    private readonly SslServerAuthenticationOptions _options;
    private readonly bool _requireCertificate;

    /// <param name="next">What is done with a connection once its handshake is complete.</param>
    /// <param name="options">What the server chooses.</param>
    public TlsServerHandler(IConnectionHandler next, TlsServerOptions options)
        : base(next, options)
    {
        _requireCertificate = options.RequireClientCertificate;
        _options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(
                options.Identity.Certificate, options.Identity.Intermediates, offline: true),
            ClientCertificateRequired = options.RequireClientCertificate,
            EnabledSslProtocols = options.Protocols,
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = PeerVerifier.CreateChainPolicy(options.TrustedRoots, PeerRole.Client),
            RemoteCertificateValidationCallback = Validate,
        };
    }

    private protected override Task AuthenticateAsync(TlsStream stream) => stream.AuthenticateAsServerAsync(_options);

    private protected override PeerVerdict Authorize(TlsStream stream)
    {
        if (!_requireCertificate) return PeerVerdict.Good;
        if (stream.RemoteCertificate is null) return new(CertificateFault.Missing, "It showed no certificate.");
        return stream.Verdict ?? new(CertificateFault.InvalidChain, "Its certificate was not verified.");
    }

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        !_requireCertificate || Accept(sender, errors, PeerVerifier.Judge(certificate as X509Certificate2, chain, PeerRole.Client, expectedName: null));
}

/// <summary>The client's side.</summary>
public sealed class TlsClientHandler : TlsConnectionHandler
{
    private readonly SslClientAuthenticationOptions _options;
    private readonly string _serverName;

    /// <param name="next">What is done with a connection once its handshake is complete.</param>
    /// <param name="options">What the client chooses.</param>
    public TlsClientHandler(IConnectionHandler next, TlsClientOptions options)
        : base(next, options)
    {
        _serverName = options.ServerName;
        _options = new SslClientAuthenticationOptions
        {
            TargetHost = options.ServerName,
            ClientCertificateContext = options.Identity is { } identity
                ? SslStreamCertificateContext.Create(identity.Certificate, identity.Intermediates, offline: true)
                : null,
            EnabledSslProtocols = options.Protocols,
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = PeerVerifier.CreateChainPolicy(options.TrustedRoots, PeerRole.Server),
            RemoteCertificateValidationCallback = Validate,
        };
    }

    private protected override Task AuthenticateAsync(TlsStream stream) => stream.AuthenticateAsClientAsync(_options);

    private protected override PeerVerdict Authorize(TlsStream stream) =>
        stream.Verdict ?? new(CertificateFault.Missing, "It showed no certificate.");

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        Accept(sender, errors, PeerVerifier.Judge(certificate as X509Certificate2, chain, PeerRole.Server, _serverName));
}
