using System.Net.Sockets;
using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>Tells from what a handshake threw why it failed: as a value, and in one sentence.</summary>
public static class HandshakeFailure
{
    // OpenSSL's words (error:0A000086:SSL routines::certificate verify failed), the more telling ones first; Windows says it in its own,
    // which pass as they are.
    private static readonly (string Marker, HandshakeProblem Problem)[] Markers =
    [
        ("alert bad certificate", HandshakeProblem.OwnCertificateBad),
        ("alert certificate unknown", HandshakeProblem.OwnCertificateRefused),
        ("alert certificate expired", HandshakeProblem.OwnCertificateExpired),
        ("alert certificate revoked", HandshakeProblem.OwnCertificateRevoked),
        ("alert unsupported certificate", HandshakeProblem.OwnCertificateUnsupported),
        ("alert unknown ca", HandshakeProblem.OwnIssuerUnknown),
        ("alert certificate required", HandshakeProblem.OwnCertificateMissing),
        ("alert bad record mac", HandshakeProblem.PeerCannotDecrypt),
        ("bad record mac", HandshakeProblem.RecordUndecryptable),
        ("alert handshake failure", HandshakeProblem.NothingInCommon),
        ("alert internal error", HandshakeProblem.PeerFailed),
        ("alert illegal parameter", HandshakeProblem.OwnMessageRefused),
        ("excessive message size", HandshakeProblem.PeerCertificateTooLarge),
        ("alert no application protocol", HandshakeProblem.NoCommonApplicationProtocol),
        ("alert protocol version", HandshakeProblem.NoCommonVersion),
        ("version too low", HandshakeProblem.NoCommonVersion),
        ("unsupported protocol", HandshakeProblem.NoCommonVersion),
        ("no shared cipher", HandshakeProblem.NoCommonCipher),
        ("wrong version number", HandshakeProblem.NotTls),
        ("unexpected message", HandshakeProblem.UnexpectedMessage),
        ("http request", HandshakeProblem.PlainHttp),
        ("peer did not return a certificate", HandshakeProblem.PeerCertificateMissing),
        ("bad signature", HandshakeProblem.PeerKeyMismatch),
        // What a signature of a certificate leaves in OpenSSL's error queue (ASN1_item_verify(3)), see OpenSslVerification.
        ("asn1 encoding routines::EVP lib", HandshakeProblem.PeerChainUnverified),
        // SslStream's own.
        ("frame size", HandshakeProblem.NotTls),
        ("corrupted frame", HandshakeProblem.NotTls),
    ];

    // OpenSSL makes no session ticket of a larger certificate, and gives up with an error that does not say so.
    private const int MostInTicket = 0xFF00;

    /// <summary>Tells how a handshake ended.</summary>
    /// <param name="failure">What the handshake threw.</param>
    /// <param name="verdict">What was said of the peer's certificate; null when it was not asked for.</param>
    /// <param name="transportEnd">How the transport below has ended; <see cref="CloseReason.None"/> while it is open.</param>
    /// <param name="progress">How far the handshake had come.</param>
    /// <param name="received">What the peer of a server had sent, bytes; 0 where that is not known.</param>
    public static ConnectionEnd Explain(
        Exception failure, PeerVerdict? verdict, CloseReason transportEnd, HandshakeProgress progress = HandshakeProgress.None,
        long received = 0)
    {
        if (verdict is { Problem: { } refused }) return Refused(refused);
        if (Classify(failure) == HandshakeProblem.PeerChainUnverified)
            return Refused(new CertificateProblem(CertificateFault.BadSignature));
        // Whoever writes first is the first to hear that the peer has gone.
        bool isReset = transportEnd == CloseReason.PeerReset || (transportEnd == CloseReason.None && IsReset(failure));
        if (!isReset && transportEnd != CloseReason.PeerClosed && received > MostInTicket && IsInternalError(failure))
            return Of(HandshakeProblem.PeerCertificateTooLarge);
        if (!isReset && transportEnd != CloseReason.PeerClosed)
            return new(CloseReason.HandshakeFailed, Describe(failure, "The handshake failed")) { Handshake = Classify(failure) };
        HandshakeProblem cut = isReset ? HandshakeProblem.PeerReset : HandshakeProblem.PeerClosed;
        return Of(cut) with { CutAt = progress };
    }

    /// <summary>How a connection ends whose peer's certificate was not accepted.</summary>
    /// <param name="problem">What is wrong with the certificate.</param>
    public static ConnectionEnd Refused(CertificateProblem problem) =>
        new(CloseReason.PeerCertificateRefused, problem.ToString()) { Certificate = problem };

    /// <summary>
    /// Tells which problem the platform reports of TLS, in a handshake or after it; <see cref="HandshakeProblem.None"/> where its words
    /// have no name here.
    /// </summary>
    /// <param name="failure">What was thrown; the innermost cause counts.</param>
    public static HandshakeProblem Classify(Exception failure)
    {
        string message = Innermost(failure).Message;
        return Array.Find(Markers, m => message.Contains(m.Marker, StringComparison.OrdinalIgnoreCase)).Problem;
    }

    /// <summary>
    /// Says in one sentence what the platform reports of TLS, in a handshake or after it: the innermost cause, and never an exception that
    /// does no more than to refer to it.
    /// </summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="otherwise">What stands before the platform's own words where there are no better ones: "The handshake failed".</param>
    public static string Describe(Exception failure, string otherwise)
    {
        if (TextOf(Classify(failure)) is { } known) return known;
        string message = Innermost(failure).Message;
        bool saysNothing = message.Contains("inner exception", StringComparison.OrdinalIgnoreCase)
            || message.StartsWith("Exception of type", StringComparison.Ordinal);
        return saysNothing ? $"{otherwise}, and the platform does not say why." : $"{otherwise}: {message.TrimEnd('.')}.";
    }

    private static ConnectionEnd Of(HandshakeProblem problem) =>
        new(CloseReason.HandshakeFailed, TextOf(problem)) { Handshake = problem };

    private static bool IsInternalError(Exception failure) =>
        Innermost(failure).Message.Contains("routines::internal error", StringComparison.OrdinalIgnoreCase);

    private static string? TextOf(HandshakeProblem problem) => problem switch
    {
        HandshakeProblem.PeerClosed => "The peer closed the connection in the middle of the handshake.",
        HandshakeProblem.PeerReset => "The peer reset the connection in the middle of the handshake.",
        HandshakeProblem.OwnCertificateBad => "The peer refused the certificate of this side: bad certificate.",
        HandshakeProblem.OwnCertificateRefused => "The peer refused the certificate of this side.",
        HandshakeProblem.OwnCertificateExpired => "The peer refused the certificate of this side: it has expired.",
        HandshakeProblem.OwnCertificateRevoked => "The peer refused the certificate of this side: it is revoked.",
        HandshakeProblem.OwnCertificateUnsupported => "The peer refused the certificate of this side: wrong kind or purpose.",
        HandshakeProblem.OwnIssuerUnknown => "The peer does not trust the CA of this side's certificate.",
        HandshakeProblem.OwnCertificateMissing => "The peer requires a certificate, and this side showed none.",
        HandshakeProblem.PeerCannotDecrypt => "The peer could not decrypt what this side sent.",
        HandshakeProblem.RecordUndecryptable => "The peer sent a record that cannot be decrypted.",
        HandshakeProblem.NothingInCommon => "The peer found no version, cipher or certificate in common.",
        HandshakeProblem.NoCommonVersion => "The peer does not speak a TLS version that this side allows.",
        HandshakeProblem.NoCommonCipher => "The peer offers no cipher suite that this side allows.",
        HandshakeProblem.NoCommonApplicationProtocol =>
            "The peer speaks none of the application protocols that this side offers (ALPN).",
        HandshakeProblem.NotTls => "The peer does not speak TLS.",
        HandshakeProblem.UnexpectedMessage => "The peer does not speak TLS, or not as it should.",
        HandshakeProblem.PlainHttp => "The peer speaks plain HTTP, not TLS.",
        HandshakeProblem.PeerCertificateMissing => "It showed no certificate.",
        HandshakeProblem.PeerCertificateTooLarge =>
            "The peer's certificate is too large: the TLS library takes 65,280 bytes at most (100 KB without session tickets).",
        HandshakeProblem.PeerFailed => "The peer reports an internal error.",
        HandshakeProblem.OwnMessageRefused => "The peer does not accept what this side sent in the handshake: illegal parameter.",
        HandshakeProblem.PeerChainUnverified => "A signature in its chain does not verify.",
        HandshakeProblem.PeerKeyMismatch => "The peer does not hold the key of its certificate.",
        _ => null,
    };

    private static bool IsReset(Exception failure) => Innermost(failure) is SocketException
    {
        SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown,
    };

    private static Exception Innermost(Exception e)
    {
        while (e.InnerException is { } inner) e = inner;
        return e;
    }
}
