using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace RawEcho.Engine.AspNetCore;

/// <summary>What a handshake came to, as ASP.NET Core asks for it. Each is looked up when it is asked for first.</summary>
/// <param name="connection">The connection inside of TLS.</param>
internal sealed class TlsFeatures(Connection connection) : ITlsConnectionFeature, ITlsHandshakeFeature, ITlsApplicationProtocolFeature
{
    private X509Certificate2? _certificate;
    private bool _isCertificateSet;

    /// <summary>The client's certificate; like that of stock Kestrel it may be kept, and nobody disposes it.</summary>
    public X509Certificate2? ClientCertificate
    {
        get => _isCertificateSet ? _certificate : connection.PeerCertificate;
        set => (_certificate, _isCertificateSet) = (value, true);
    }

    public ReadOnlyMemory<byte> ApplicationProtocol => connection.Ssl!.NegotiatedApplicationProtocol.Protocol;

    public SslProtocols Protocol => connection.Ssl!.SslProtocol;

    public TlsCipherSuite? NegotiatedCipherSuite => connection.Ssl!.NegotiatedCipherSuite;

    public string HostName => Details.ServerName ?? string.Empty;

#pragma warning disable SYSLIB0058 // The interface has them; the suite says it all.
    public CipherAlgorithmType CipherAlgorithm => (Details.CipherAlgorithm.Split('-')[0], Details.CipherStrength) switch
    {
        ("AES", 128) => CipherAlgorithmType.Aes128,
        ("AES", 256) => CipherAlgorithmType.Aes256,
        _ => CipherAlgorithmType.None,
    };

    public int CipherStrength => Details.CipherStrength;

    // Suites with authenticated encryption have no hash for their records.
    public HashAlgorithmType HashAlgorithm => (Details.CipherAlgorithm, Details.HashAlgorithm) switch
    {
        ("AES-CBC", "SHA256") => HashAlgorithmType.Sha256,
        ("AES-CBC", "SHA384") => HashAlgorithmType.Sha384,
        ("AES-CBC", "SHA") => HashAlgorithmType.Sha1,
        _ => HashAlgorithmType.None,
    };

    public int HashStrength => 0;

    public ExchangeAlgorithmType KeyExchangeAlgorithm => ExchangeAlgorithmType.None;

    public int KeyExchangeStrength => 0;
#pragma warning restore SYSLIB0058

    // Costs some strings, and few ask.
    private TlsDetails Details => field ??= connection.Tls!;

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
}
