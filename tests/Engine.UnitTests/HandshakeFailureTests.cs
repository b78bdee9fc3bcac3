using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using RawEcho.Engine.Tls;

namespace RawEcho.Engine.UnitTests;

/// <summary>What the platform throws, in words for people.</summary>
public class HandshakeFailureTests
{
    private const string Wrapper = "Authentication failed, see inner exception.";

    [Theory]
    [InlineData("error:0A000418:SSL routines::tlsv1 alert unknown ca", "The peer does not trust the CA of this side's certificate.")]
    [InlineData("error:0A000119:SSL routines::decryption failed or bad record mac", "The peer sent a record that cannot be decrypted.")]
    [InlineData("error:0A0003FC:SSL routines::ssl/tls alert bad record mac", "The peer could not decrypt what this side sent.")]
    [InlineData("something else.", "The handshake failed: something else.")]
    public void The_innermost_cause_is_told(string cause, string told)
    {
        var failure = new AuthenticationException(
            Wrapper, new IOException("The read operation failed, see inner exception.", new CryptographicException(cause)));
        Assert.Equal(told, HandshakeFailure.Describe(failure, "The handshake failed"));
    }

    [Theory]
    [InlineData(Wrapper)]
    [InlineData("The decryption operation failed, see inner exception.")]
    [InlineData("Exception of type 'System.Exception' was thrown.")]
    public void What_refers_to_a_cause_that_is_not_there_is_never_told(string message)
    {
        Assert.Equal(
            "The connection failed, and the platform does not say why.",
            HandshakeFailure.Describe(new IOException(message), "The connection failed"));
        ConnectionEnd end = HandshakeFailure.Explain(
            new AuthenticationException(message), verdict: null, CloseReason.None, HandshakeProgress.Replied);
        Assert.Equal(new ConnectionEnd(CloseReason.HandshakeFailed, "The handshake failed, and the platform does not say why."), end);
    }

    [Theory]
    [InlineData(CloseReason.PeerClosed, SocketError.Success, "closed")]
    [InlineData(CloseReason.PeerReset, SocketError.Success, "reset")]
    [InlineData(CloseReason.None, SocketError.ConnectionReset, "reset")]
    [InlineData(CloseReason.None, SocketError.Shutdown, "reset")]
    public void Where_the_peer_ended_a_handshake_is_kept(CloseReason transport, SocketError error, string how)
    {
        var failure = new IOException("The write operation failed, see inner exception.", new SocketException((int)error));
        ConnectionEnd end = HandshakeFailure.Explain(failure, verdict: null, transport, HandshakeProgress.Unanswered);
        Assert.Equal(
            (HandshakeProgress.Unanswered, $"The peer {how} the connection in the middle of the handshake."), (end.CutAt, end.Detail));
    }
}
