using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Certificates;

namespace RawEcho.Engine;

/// <summary>What a handshake came to, as SslStream reports it.</summary>
public sealed record TlsDetails
{
    internal TlsDetails(TlsCipherSuite suite, string cipherAlgorithm, int cipherStrength, string hashAlgorithm) =>
        (CipherSuite, CipherAlgorithm, CipherStrength, HashAlgorithm) = (suite, cipherAlgorithm, cipherStrength, hashAlgorithm);

    /// <summary>The suite, by its IANA name.</summary>
    public TlsCipherSuite CipherSuite { get; }

    /// <summary>The cipher of the suite, for instance AES-GCM.</summary>
    public string CipherAlgorithm { get; }

    /// <summary>The length of its key in bits.</summary>
    public int CipherStrength { get; }

    /// <summary>The hash of the suite, for instance SHA384.</summary>
    public string HashAlgorithm { get; }

    /// <summary>TLS 1.2 or 1.3.</summary>
    public SslProtocols Protocol { get; internal init; }

    /// <summary>The application protocol that both sides speak (ALPN, RFC 7301); null when none was agreed on.</summary>
    public string? ApplicationProtocol { get; internal init; }

    /// <summary>
    /// The name that the client asked for (SNI, RFC 6066 section 3); null if it asked for none, or where OpenSSL cannot be asked.
    /// </summary>
    public string? ServerName { get; internal init; }

    /// <summary>Whether an earlier session was resumed; null where OpenSSL cannot be asked.</summary>
    public bool? IsResumed { get; internal init; }

    /// <summary>Who the peer is, by the certificate that was verified: names and SHA-256 fingerprint; null if it showed none.</summary>
    public PeerIdentity? Peer { get; internal init; }

    /// <summary>The handshake is complete.</summary>
    public bool IsAuthenticated { get; internal init; }

    /// <summary>Data is encrypted.</summary>
    public bool IsEncrypted { get; internal init; }

    /// <summary>Both sides showed a certificate. A resumed session on the client's side says false: .NET does not remember.</summary>
    public bool IsMutuallyAuthenticated { get; internal init; }

    /// <summary>This side is the server.</summary>
    public bool IsServer { get; internal init; }

    /// <summary>Data is protected against change.</summary>
    public bool IsSigned { get; internal init; }

    /// <summary>The peer's certificate; null if it showed none.</summary>
    public CertificateSummary? Remote { get; internal init; }

    /// <summary>This side's certificate; null if it showed none (or, on a client, resumed a session).</summary>
    public CertificateSummary? Local { get; internal init; }
}

/// <summary>The names of a certificate.</summary>
/// <param name="Issuer">Distinguished name of who signed it.</param>
/// <param name="Subject">Distinguished name of whom it is for.</param>
/// <param name="Thumbprint">SHA-1 of the DER form in hexadecimal, as Windows and the original show it.</param>
public sealed record CertificateSummary(string Issuer, string Subject, string Thumbprint)
{
    internal static CertificateSummary? Of(X509Certificate? certificate) =>
        certificate is null ? null : new CertificateSummary(
            SharedText.Of(certificate.Issuer), SharedText.Of(certificate.Subject), SharedText.Of(certificate.GetCertHashString()));
}
