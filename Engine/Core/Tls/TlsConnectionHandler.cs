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
            if (IsResumed(stream)) GiveUpSession(stream);
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

    // A peer that has renewed its certificate would otherwise come back as its former self for as long as the session lives.
    private static void GiveUpSession(TlsStream stream)
    {
        if (stream.IsServer) TicketRenewal.OfProcess.TryRenew();
        else OpenSslSession.Forget(stream);
    }

    // A server gives tickets to strangers too, before it has looked at them: those must not end the tickets of others.
    private static bool WasAcceptable(TlsStream stream, X509Certificate2? certificate, CertificateProblem refusal) =>
        !stream.IsServer || (certificate is not null && stream.Setup.Verdicts.WasAcceptable(certificate, refusal));

    private static bool IsResumed(TlsStream stream) => OpenSslSession.Of(stream).IsResumed == true;

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
        if (verdict.Problem is { } refusal && IsResumed(stream) && WasAcceptable(stream, certificate as X509Certificate2, refusal))
            GiveUpSession(stream);
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
        // Behind a proxy's header an event loop is still at work. It is left here and not where the first bytes are read: whoever awaits a
        // read that is over already goes on where it called it.
        if (!Thread.CurrentThread.IsThreadPoolThread) await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
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
