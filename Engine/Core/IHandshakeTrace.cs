using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine;

/// <summary>
/// Is told what goes over the wire while a TLS handshake is under way, for diagnosis: the platform says neither which records a peer has
/// sent nor what a handshake had come to when it failed. The methods are called one after the other; the handshake waits for them.
/// </summary>
public interface IHandshakeTrace
{
    /// <summary>TCP is connected, and the handshake begins.</summary>
    void OnConnected(Connection connection)
    {
    }

    /// <summary>Bytes came from the peer: records as they are on the wire (RFC 8446 section 5.1).</summary>
    void OnReceived(ReadOnlySpan<byte> bytes)
    {
    }

    /// <summary>Bytes are about to go to the peer.</summary>
    void OnSent(ReadOnlySpan<byte> bytes)
    {
    }

    /// <summary>The peer has shown its certificates; they are about to be verified.</summary>
    /// <param name="certificate">Its own; null for none. Belongs to the handshake: copy what is to outlive the call.</param>
    /// <param name="others">What it sent along.</param>
    void OnPeerCertificates(X509Certificate2? certificate, X509Certificate2Collection others)
    {
    }

    /// <summary>The handshake has failed.</summary>
    /// <param name="cause">What the platform threw.</param>
    void OnFailed(Exception cause)
    {
    }
}
