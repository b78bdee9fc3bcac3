using System.Collections.Concurrent;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>
/// TLS in front of another handler: handshake on the thread pool and under a deadline, then the next handler on the event
/// loop, then close_notify. Made once, serves any number of connections.
/// </summary>
public abstract class TlsConnectionHandler : IConnectionHandler
{
    private readonly IConnectionHandler _next;
    private readonly LegacyWarnings _warnings = new();
    private readonly ConditionalWeakTable<IOpenConnections, TlsConnectionHandler> _hosts = [];
    private TlsSetup _setup;

    private protected TlsConnectionHandler(IConnectionHandler next, TlsSetup setup)
    {
        _next = next;
        _setup = setup;
    }

    // SslStream takes no empty list.
    private protected static List<SslApplicationProtocol>? ListOf(IReadOnlyList<SslApplicationProtocol> protocols) =>
        protocols.Count == 0 ? null : [.. protocols];

    // Pairs with the exchange in Replace: whoever sees a setup sees all of it.
    private protected TlsSetup Setup => Volatile.Read(ref _setup);

    /// <inheritdoc/>
    public async Task HandleAsync(Connection connection)
    {
        var stream = new TlsStream(new HandshakeStream(connection, connection.Lifetime.Services.HandshakeLimits), Setup);
        try
        {
            if (!await TryHandshakeAsync(connection, stream)) return;
            await _next.HandleAsync(new TlsConnection(connection, stream));
            await SendCloseNotifyAsync(connection.Lifetime, stream);
        }
        catch (IOException) when (connection.TransportEnd is not CloseReason.None and var end)
        {
            // The transport ended in the middle of a record.
            connection.Lifetime.TryEnd(end == CloseReason.PeerClosed ? CloseReason.PeerTruncated : end, null);
        }
        finally
        {
            connection.Lifetime.Admitted = null;
            await stream.DisposeAsync();
        }
    }

    /// <summary>From now on handshakes are done with another setup; open connections whose peer it does not let in are ended.</summary>
    /// <returns>How many were ended.</returns>
    private protected int Replace(TlsSetup setup)
    {
        int ended = 0;
        // A full fence that pairs with the one in Authorize: this side writes the setup and then reads who is admitted, that side writes
        // who is admitted and then reads the setup. Without both, a peer could pass by the old admission and be missed here.
        Interlocked.Exchange(ref _setup, setup);
        foreach ((IOpenConnections host, _) in _hosts)
        {
            foreach (Connection connection in host.Connections)
            {
                if (connection.Lifetime.Admitted is not { } admitted || admitted.AdmittedBy != this) continue;
                PeerVerdict verdict = setup.Options.Admission.EvaluateOpen(admitted.Peer);
                if (verdict.Accepted) continue;
                connection.Abort(CloseReason.AccessWithdrawn, verdict.Explanation);
                ended++;
            }
        }

        return ended;
    }

    /// <summary>Looks at what the peer really presented, in a full handshake or in the session that was resumed.</summary>
    private PeerVerdict Authorize(Connection connection, TlsStream stream)
    {
        if (!stream.Setup.RequiresPeer) return PeerVerdict.Good;
        // SslStream refuses whomever the callback refused, and asks it for every peer. Should it ever not, nobody was accepted.
        if (stream.Verdict is not { Accepted: true, Peer: { } peer } verdict)
            return new(new CertificateProblem(CertificateFault.InvalidChain));
        // First visible to Replace, then the question to the newest setup: in this order no connection slips in between. The barrier pairs
        // with the exchange in Replace.
        connection.Lifetime.Admitted = new AdmittedPeer(peer, this);
        Interlocked.MemoryBarrier();
        TlsSetup newest = Setup;
        PeerVerdict admission = EvaluateAgain(stream, newest);
        if (!admission.Accepted) return admission;
        admission = newest.Options.Admission.Evaluate(peer, DateTimeOffset.UtcNow);
        if (!admission.Accepted)
        {
            GiveUpSession(stream, wasIn: true);
            return admission;
        }

        connection.Lifetime.Peer = peer;
        _warnings.Warn(verdict, newest.Options.OnLegacyPeer);
        return admission;
    }

    // By the roots of now, where they have changed while the handshake was done.
    private static PeerVerdict EvaluateAgain(TlsStream stream, TlsSetup newest)
    {
        if (ReferenceEquals(stream.Setup.Options.TrustedRoots, newest.Options.TrustedRoots)) return PeerVerdict.Good;
        PeerVerdict verdict = newest.Verdicts.Evaluate(stream.RemoteCertificate as X509Certificate2, []);
        // It may have a ticket that was made after those of the former roots were ended.
        if (!verdict.Accepted && stream.IsServer) TicketKeys.Renew();
        return verdict;
    }

    private static void OnRefused(TlsStream stream, X509Certificate2? certificate, CertificateProblem refusal)
    {
        if (certificate is null || OpenSslSession.Of(stream).IsResumed != true) return;
        // A server gives tickets to strangers too, before it has looked at them: those must not end the tickets of others.
        GiveUpSession(stream, wasIn: !stream.IsServer || stream.Setup.Verdicts.WasAcceptable(certificate, refusal));
    }

    // A peer that has renewed its certificate would otherwise come back as its former self for as long as the session lives.
    private static void GiveUpSession(TlsStream stream, bool wasIn)
    {
        if (!wasIn || OpenSslSession.Of(stream).IsResumed != true) return;
        if (stream.IsServer) TicketRenewal.OfProcess.TryRenew();
        else OpenSslSession.Forget(stream);
    }

    /// <summary>
    /// SslStream's callback. Whatever SslStream thinks of the certificate does not count: its own chain, which it builds for each
    /// connection, is given nothing to trust (<see cref="PeerVerifier.CreateEmptyPolicy"/>), and the verdict is ours alone.
    /// </summary>
    private protected static bool Evaluate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var stream = (TlsStream)sender;
        X509Certificate2Collection sent = chain?.ChainPolicy.ExtraStore ?? [];
        stream.Bounds.Trace?.OnPeerCertificates(certificate as X509Certificate2, sent);
        PeerVerdict verdict = stream.Setup.Verdicts.Evaluate(certificate as X509Certificate2, sent);
        stream.Verdict = verdict;
        if (verdict.Problem is { } refusal) OnRefused(stream, certificate as X509Certificate2, refusal);
        // SslStream would keep them for as long as the connection lives, and looks at them no more.
        foreach (X509Certificate2 c in sent) c.Dispose();
        sent.Clear();
        return verdict.Accepted;
    }

    private async Task<bool> TryHandshakeAsync(Connection connection, TlsStream stream)
    {
        ConnectionLifetime lifetime = connection.Lifetime;
        lifetime.SetDeadline(stream.Setup.Options.HandshakeTimeout, CloseReason.HandshakeTimeout);
        if (lifetime.Services.Open is { } host) _hosts.TryAdd(host, this);
        lifetime.Advance(ConnectionPhase.Handshaking);
        lifetime.Trace?.OnConnected(connection);
        // Certificates and keys are computed with: that would stall every connection of an event loop.
        connection.CompletesInline = false;
        // Before the first SSL object of the process, whoever made this handler. Where it cannot be turned off, whoever starts the server
        // says so.
        SessionCache.TurnOff();
        OpenSslVerification.TurnOff();
        ConnectionEnd? failure;
        try
        {
            await stream.Setup.AuthenticateAsync(stream);
            PeerVerdict verdict = Authorize(connection, stream);
            failure = verdict.Problem is { } problem ? HandshakeFailure.Refused(problem) : null;
        }
        catch (Exception e) when (
            e is AuthenticationException or IOException or ObjectDisposedException or InvalidOperationException or CryptographicException)
        {
            lifetime.Trace?.OnFailed(e);
            bool isAccepted = lifetime.Services.IsAccepted;
            bool sentNothing = isAccepted && stream.Bounds.Progress == HandshakeProgress.Unanswered
                && connection.TransportEnd is CloseReason.PeerClosed or CloseReason.PeerReset;
            failure = sentNothing
                ? new ConnectionEnd(CloseReason.EndedBeforeFirstByte)
                : HandshakeFailure.Explain(
                    e, stream.Verdict, connection.TransportEnd, stream.Bounds.Progress, isAccepted ? stream.Bounds.Received : 0);
        }
        finally
        {
            stream.Bounds.Complete();
        }

        lifetime.ClearDeadline();
        if (failure is { } f) lifetime.TryEnd(f);
        bool succeeded = failure is null && lifetime.End.Reason == CloseReason.None;
        if (!succeeded) return false;
        lifetime.Advance(ConnectionPhase.Open);
        OpenSslMemory.ReleaseWhenEmpty(stream);
        connection.CompletesInline = true;
        return true;
    }

    // close_notify, so that the peer can tell the end from an attack that cut the stream off (RFC 8446 section 6.1).
    private static async Task SendCloseNotifyAsync(ConnectionLifetime lifetime, TlsStream stream)
    {
        lifetime.Conclude();
        bool isInOrder = lifetime.End.Reason is CloseReason.PeerClosed or CloseReason.PeerTruncated
            or CloseReason.LocalClosed or CloseReason.Drained or CloseReason.IdleTimeout or CloseReason.LifetimeEnded;
        if (!isInOrder) return;
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
        && after == before with
        {
            ApplicationProtocols = after.ApplicationProtocols,
            Admission = after.Admission,
            HandshakeTimeout = after.HandshakeTimeout,
            OnLegacyPeer = after.OnLegacyPeer,
        };

    // One options object and one certificate context for all connections of a setup: each one costs an SSL_CTX.
    private static TlsSetup CreateSetup(TlsServerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxClientChainBytes);
        SslServerAuthenticationOptions Showing(TlsIdentity identity) => new()
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(identity.Certificate, identity.Intermediates, offline: true),
            ApplicationProtocols = ListOf(options.ApplicationProtocols),
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
        SslServerAuthenticationOptions standard = Showing(options.Identity);
        if (options.SelectIdentity is not { } select)
            return new TlsSetup(options, verdicts, options.RequireClientCertificate, stream => stream.AuthenticateAsServerAsync(standard));
        var chosen = new ConcurrentDictionary<TlsIdentity, SslServerAuthenticationOptions> { [options.Identity] = standard };
        ServerOptionsSelectionCallback choose = (_, hello, _, _) => ValueTask.FromResult(
            hello.ServerName.Length > 0 && select(hello.ServerName) is { } identity
                ? chosen.GetOrAdd(identity, Showing)
                : standard);
        return new TlsSetup(
            options, verdicts, options.RequireClientCertificate, stream => stream.AuthenticateAsServerAsync(choose, state: null));
    }
}

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
