using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Tls;

/// <summary>What both sides of a handshake choose.</summary>
public abstract record TlsOptions
{
    /// <summary>The roots that the peer's chain must end at; no other is trusted, the system's not either.</summary>
    public required X509Certificate2Collection TrustedRoots { get; init; }

    /// <summary>Versions offered; default TLS 1.2 and 1.3.</summary>
    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>How long a handshake may take in all, from its first byte; default 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether old certificates are let off some of the rules; default <see cref="TlsPolicy.Strict"/>.</summary>
    public TlsPolicy Policy { get; init; } = TlsPolicy.Strict;

    /// <summary>
    /// True to let a chain end at any of <see cref="TrustedRoots"/>, also at an intermediate; false (the default) for roots alone. What is
    /// above the certificate at which the chain ends is not looked at, its revocation included.
    /// </summary>
    public bool PartialChain { get; init; }

    /// <summary>Which verified peers may come in: revocation lists and allow-list; default everyone.</summary>
    public PeerAdmission Admission { get; init; } = PeerAdmission.Everyone;

    /// <summary>
    /// The application protocols that this side speaks, the one it likes best first (ALPN, RFC 7301); default none. A peer that asks for
    /// others alone is refused; with one that does not ask there is none.
    /// </summary>
    public IReadOnlyList<SslApplicationProtocol> ApplicationProtocols { get; init; } = [];

    /// <summary>
    /// Is told once for each peer certificate that <see cref="TlsPolicy.Legacy"/> let in; must be quick. Null for nobody.
    /// </summary>
    public Action<LegacyPeer>? OnLegacyPeer { get; init; }
}

/// <summary>What a server chooses.</summary>
public sealed record TlsServerOptions : TlsOptions
{
    /// <summary>What the server shows.</summary>
    public required TlsIdentity Identity { get; init; }

    /// <summary>
    /// Chooses what the server shows by the name that the client asks for (SNI, RFC 6066 section 3), or null for <see cref="Identity"/>. Is
    /// called in each handshake, so it must be quick, and give the same objects again: each costs memory for as long as the options are in
    /// use. Null (the default) to show the same to everybody.
    /// </summary>
    public Func<string, TlsIdentity?>? SelectIdentity { get; init; }

    /// <summary>True (the default) for mutual TLS: a client must show a certificate that <see cref="PeerVerifier"/> accepts.</summary>
    public bool RequireClientCertificate { get; init; } = true;

    /// <summary>
    /// Application protocols that a client may ask for (ALPN, RFC 7301), beside clients that ask for others or for none: those come in
    /// without one. Default none. With <see cref="TlsOptions.ApplicationProtocols"/> a client that asks for others is refused; the two
    /// cannot be used together.
    /// </summary>
    public IReadOnlyList<SslApplicationProtocol> OptionalProtocols { get; init; } = [];

    /// <summary>
    /// The largest size of all certificates of a client together, bytes; default 65,536; 0 for no limit. A larger chain is refused before
    /// it is verified. Until the handshake is complete it counts towards <see cref="EngineOptions.MaxHandshakeBytes"/> as well.
    /// </summary>
    public int MaxClientChainBytes { get; init; } = 64 * 1024;
}

/// <summary>What a client chooses.</summary>
public sealed record TlsClientOptions : TlsOptions
{
    /// <summary>What the client shows if it is asked; null for nothing.</summary>
    public TlsIdentity? Identity { get; init; }

    /// <summary>The DNS name or IP address that the server's certificate must be made for.</summary>
    public required string ServerName { get; init; }

    /// <summary>
    /// True (the default) to offer the session of an earlier connection with these options; false for a full handshake each time.
    /// </summary>
    public bool AllowResumption { get; init; } = true;

    /// <summary>
    /// Chooses what the client shows by the names of the CAs that the server asks for (RFC 8446 section 4.2.4), in place of
    /// <see cref="Identity"/>; is called when the server asks. Compare them with <see cref="DistinguishedName"/>: one name has several
    /// spellings. The platform sends no intermediates with a certificate that is chosen so.
    /// Null (the default) to show <see cref="Identity"/> to everybody.
    /// </summary>
    public Func<IReadOnlyList<string>, TlsIdentity?>? SelectIdentity { get; init; }
}
