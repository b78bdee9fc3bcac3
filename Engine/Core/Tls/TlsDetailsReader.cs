namespace RawEcho.Engine.Tls;

/// <summary>Reads what a handshake came to from the stream that did it.</summary>
internal static class TlsDetailsReader
{
    public static TlsDetails Of(TlsStream stream)
    {
        (string cipher, int strength, string hash) = CipherSuiteName.Parse(stream.NegotiatedCipherSuite);
        (bool? isResumed, string? serverName) = OpenSslSession.Of(stream);
        return new TlsDetails(stream.NegotiatedCipherSuite, cipher, strength, hash)
        {
            Protocol = stream.SslProtocol,
            IsAuthenticated = stream.IsAuthenticated,
            IsEncrypted = stream.IsEncrypted,
            IsMutuallyAuthenticated = stream.IsMutuallyAuthenticated,
            IsServer = stream.IsServer,
            IsSigned = stream.IsSigned,
            Remote = CertificateSummary.Of(stream.RemoteCertificate),
            Local = CertificateSummary.Of(stream.LocalCertificate),
            Peer = stream.Verdict?.Peer,
            ApplicationProtocol = stream.NegotiatedApplicationProtocol is { Protocol.IsEmpty: false } protocol ? protocol.ToString() : null,
            IsResumed = isResumed,
            ServerName = serverName,
        };
    }
}
