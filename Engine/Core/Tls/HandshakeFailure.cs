using System.Net.Sockets;
using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>Puts the failure of a handshake into one reason and one sentence.</summary>
public static class HandshakeFailure
{
    /// <summary>Explains it.</summary>
    /// <param name="failure">What the handshake threw.</param>
    /// <param name="verdict">What was said of the peer's certificate; null when it was not asked for.</param>
    /// <param name="transportEnd">How the transport below has ended; <see cref="CloseReason.None"/> while it is open.</param>
    /// <param name="progress">How far the handshake had come.</param>
    public static ConnectionEnd Explain(
        Exception failure, PeerVerdict? verdict, CloseReason transportEnd, HandshakeProgress progress = HandshakeProgress.None)
    {
        if (verdict is { Accepted: false } refused) return new(CloseReason.PeerCertificateRefused, refused.Explanation);
        // Whoever writes first is the first to hear that the peer has gone.
        bool isReset = transportEnd == CloseReason.PeerReset || (transportEnd == CloseReason.None && IsReset(failure));
        if (!isReset && transportEnd != CloseReason.PeerClosed) return new(CloseReason.HandshakeFailed, Describe(failure, "The handshake failed"));
        string how = isReset ? "reset" : "closed";
        return new(CloseReason.HandshakeFailed, $"The peer {how} the connection in the middle of the handshake.") { CutAt = progress };
    }

    /// <summary>
    /// Says in one sentence what the platform reports of TLS, in a handshake or after it: the innermost cause, and never an exception that
    /// does no more than to refer to it.
    /// </summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="otherwise">What stands before the platform's own words where there are no better ones: "The handshake failed".</param>
    public static string Describe(Exception failure, string otherwise)
    {
        string message = Innermost(failure).Message;
        // OpenSSL's words (error:0A000086:SSL routines::certificate verify failed); Windows says it in its own, which pass as they are.
        (string Marker, string Meaning)[] known =
        [
            ("alert bad certificate", "The peer refused the certificate of this side: bad certificate."),
            ("alert certificate unknown", "The peer refused the certificate of this side."),
            ("alert certificate expired", "The peer refused the certificate of this side: it has expired."),
            ("alert certificate revoked", "The peer refused the certificate of this side: it is revoked."),
            ("alert unsupported certificate", "The peer refused the certificate of this side: wrong kind or purpose."),
            ("alert unknown ca", "The peer does not trust the CA of this side's certificate."),
            ("alert certificate required", "The peer requires a certificate, and this side showed none."),
            ("alert bad record mac", "The peer could not decrypt what this side sent."),
            ("bad record mac", "The peer sent a record that cannot be decrypted."),
            ("alert handshake failure", "The peer found no version, cipher or certificate in common."),
            ("alert protocol version", "The peer does not speak a TLS version that this side allows."),
            ("version too low", "The peer does not speak a TLS version that this side allows."),
            ("unsupported protocol", "The peer does not speak a TLS version that this side allows."),
            ("no shared cipher", "The peer offers no cipher suite that this side allows."),
            ("wrong version number", "The peer does not speak TLS."),
            ("unexpected message", "The peer does not speak TLS, or not as it should."),
            ("http request", "The peer speaks plain HTTP, not TLS."),
            ("peer did not return a certificate", "It showed no certificate."),
            ("bad signature", "The peer does not hold the key of its certificate."),
        ];
        foreach ((string marker, string meaning) in known)
        {
            if (message.Contains(marker, StringComparison.OrdinalIgnoreCase)) return meaning;
        }

        bool notTls = message.Contains("frame size", StringComparison.OrdinalIgnoreCase)
            || message.Contains("corrupted frame", StringComparison.OrdinalIgnoreCase);
        if (notTls) return "The peer does not speak TLS.";
        bool saysNothing = message.Contains("inner exception", StringComparison.OrdinalIgnoreCase)
            || message.StartsWith("Exception of type", StringComparison.Ordinal);
        return saysNothing ? $"{otherwise}, and the platform does not say why." : $"{otherwise}: {message.TrimEnd('.')}.";
    }

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
