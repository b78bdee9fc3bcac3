using System.Net.Security;
using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>
/// An SslStream that can hold the verdict on its peer: the options with the validation callback are shared by all
/// connections (each options object of its own would cost an SSL_CTX of its own), so the callback leaves the verdict here.
/// </summary>
internal sealed class TlsStream(HandshakeStream inner, TlsSetup setup) : SslStream(inner, leaveInnerStreamOpen: true)
{
    /// <summary>What bounds the handshake.</summary>
    public HandshakeStream Bounds => inner;

    /// <summary>What the handshake is done with, however much changes meanwhile.</summary>
    public TlsSetup Setup => setup;

    /// <summary>What the callback said; null while it was not asked.</summary>
    public PeerVerdict? Verdict { get; set; }
}
