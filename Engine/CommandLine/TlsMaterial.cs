using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Tls;

namespace RawEcho.CommandLine;

/// <summary>The TLS options after their files were read.</summary>
/// <param name="Level">How much of TLS is used.</param>
/// <param name="Protocols">The versions allowed.</param>
/// <param name="HandshakeTimeout">How long a handshake may take in all.</param>
public sealed record TlsMaterial(TlsLevel Level, SslProtocols Protocols, TimeSpan HandshakeTimeout)
{
    /// <summary>What this side shows; null for nothing.</summary>
    public TlsIdentity? Identity { get; set; }

    /// <summary>Whom this side trusts; empty where it verifies nobody.</summary>
    public X509Certificate2Collection TrustedRoots { get; set; } = [];

    /// <summary>Lines for the user: which certificates are used, and what is odd about them.</summary>
    public List<string> Notes { get; } = [];
}
