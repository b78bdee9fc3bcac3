using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>A connection as seen from inside TLS: the same connection, whose bytes an SslStream encrypts.</summary>
internal sealed class TlsConnection(Connection inner, TlsStream stream) : Connection(inner.Lifetime)
{
    public override TlsDetails Tls => TlsDetailsReader.Of(stream);

    // SslStream leaves a certificate that was asked for to whoever asked.
    public override X509Certificate2? PeerCertificate => stream.RemoteCertificate as X509Certificate2;

    public override SslStream Ssl => stream;

    public override TcpStatistics? Tcp => inner.Tcp;

    protected internal override Stream Stream => stream;

    protected internal override CloseReason TransportEnd => inner.TransportEnd;

    public override bool CompletesInline
    {
        get => inner.CompletesInline;
        set => inner.CompletesInline = value;
    }

    public override void EndWhenIdle() => inner.EndWhenIdle();

    protected internal override void AbortTransport() => inner.AbortTransport();

    // SslStream says 0 for close_notify and for a bare FIN alike; only the second one ends the transport as well.
    private protected override CloseReason DescribeEndOfStream() => TransportEnd switch
    {
        CloseReason.None => CloseReason.PeerClosed,
        CloseReason.PeerClosed => CloseReason.PeerTruncated,
        var other => other,
    };
}
