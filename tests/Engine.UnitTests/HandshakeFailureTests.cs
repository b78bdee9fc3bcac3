using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using RawEcho.Engine.Certificates;
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
    [InlineData("error:0A000412:SSL routines::sslv3 alert bad certificate", HandshakeProblem.OwnCertificateBad)]
    [InlineData("error:0A000416:SSL routines::sslv3 alert certificate unknown", HandshakeProblem.OwnCertificateRefused)]
    [InlineData("error:0A000415:SSL routines::sslv3 alert certificate expired", HandshakeProblem.OwnCertificateExpired)]
    [InlineData("error:0A000414:SSL routines::sslv3 alert certificate revoked", HandshakeProblem.OwnCertificateRevoked)]
    [InlineData("error:0A000413:SSL routines::sslv3 alert unsupported certificate", HandshakeProblem.OwnCertificateUnsupported)]
    [InlineData("error:0A000418:SSL routines::tlsv1 alert unknown ca", HandshakeProblem.OwnIssuerUnknown)]
    [InlineData("error:0A00045C:SSL routines::tlsv13 alert certificate required", HandshakeProblem.OwnCertificateMissing)]
    [InlineData("error:0A0003FC:SSL routines::ssl/tls alert bad record mac", HandshakeProblem.PeerCannotDecrypt)]
    [InlineData("error:0A000119:SSL routines::decryption failed or bad record mac", HandshakeProblem.RecordUndecryptable)]
    [InlineData("error:0A000410:SSL routines::sslv3 alert handshake failure", HandshakeProblem.NothingInCommon)]
    [InlineData("error:0A00042E:SSL routines::tlsv1 alert protocol version", HandshakeProblem.NoCommonVersion)]
    [InlineData("error:0A000102:SSL routines::unsupported protocol", HandshakeProblem.NoCommonVersion)]
    [InlineData("error:0A0000C1:SSL routines::no shared cipher", HandshakeProblem.NoCommonCipher)]
    [InlineData("error:0A000460:SSL routines::tlsv1 alert no application protocol", HandshakeProblem.NoCommonApplicationProtocol)]
    [InlineData("error:0A00010B:SSL routines::wrong version number", HandshakeProblem.NotTls)]
    [InlineData("Cannot determine the frame size or a corrupted frame was received.", HandshakeProblem.NotTls)]
    [InlineData("error:0A0000F4:SSL routines::unexpected message", HandshakeProblem.UnexpectedMessage)]
    [InlineData("error:0A00009C:SSL routines::http request", HandshakeProblem.PlainHttp)]
    [InlineData("error:0A0000C7:SSL routines::peer did not return a certificate", HandshakeProblem.PeerCertificateMissing)]
    [InlineData("error:0A00007B:SSL routines::bad signature", HandshakeProblem.PeerKeyMismatch)]
    [InlineData("error:0A000098:SSL routines::excessive message size", HandshakeProblem.PeerCertificateTooLarge)]
    [InlineData("error:0A000438:SSL routines::tlsv1 alert internal error", HandshakeProblem.PeerFailed)]
    [InlineData("error:0A000417:SSL routines::sslv3 alert illegal parameter", HandshakeProblem.OwnMessageRefused)]
    [InlineData("something else", HandshakeProblem.None)]
    public void What_the_platform_reports_is_a_value(string cause, HandshakeProblem problem)
    {
        var failure = new AuthenticationException(Wrapper, new CryptographicException(cause));
        Assert.Equal(problem, HandshakeFailure.Classify(failure));
        Assert.Equal(problem, HandshakeFailure.Explain(failure, verdict: null, CloseReason.None).Handshake);
        // Only what has no name is told in the platform's words.
        bool isNamed = problem != HandshakeProblem.None;
        Assert.Equal(isNamed, !HandshakeFailure.Describe(failure, "The handshake failed").Contains(cause, StringComparison.Ordinal));
    }

    [Fact]
    public void A_refused_certificate_is_kept_with_its_problem()
    {
        var problem = new CertificateProblem(CertificateFault.ChainTooLong) { Limit = 6 };
        ConnectionEnd end = HandshakeFailure.Explain(
            new AuthenticationException(Wrapper), new PeerVerdict(problem), CloseReason.PeerClosed);
        Assert.Equal(HandshakeFailure.Refused(problem), end);
        Assert.Equal((CloseReason.PeerCertificateRefused, "Its chain has more than 6 certificates."), (end.Reason, end.Detail));
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
        Assert.Equal(how == "reset" ? HandshakeProblem.PeerReset : HandshakeProblem.PeerClosed, end.Handshake);
    }
}
