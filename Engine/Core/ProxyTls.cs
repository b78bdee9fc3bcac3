namespace RawEcho.Engine;

/// <summary>What a proxy said of the TLS connection that it ended (PP2_TYPE_SSL of the PROXY protocol, section 2.2.5).</summary>
public sealed record ProxyTls
{
    /// <summary>The client came over TLS.</summary>
    public bool WasUsed { get; init; }

    /// <summary>The client showed a certificate in this connection.</summary>
    public bool HasCertificate { get; init; }

    /// <summary>The client showed a certificate in this connection, or in the TLS session that it belongs to.</summary>
    public bool HasSessionCertificate { get; init; }

    /// <summary>The proxy verified that certificate, and accepted it. Always false without a certificate.</summary>
    public bool IsVerified { get; init; }

    /// <summary>"TLSv1.3"; null when not said.</summary>
    public string? Version { get; init; }

    /// <summary>The common name in the client's certificate; null when not said.</summary>
    public string? CommonName { get; init; }

    /// <summary>
    /// The common name is not what the proxy sent, byte by byte: something in it cannot be shown, and two such names may look alike.
    /// </summary>
    internal bool IsCommonNameAltered { get; init; }

    /// <summary>The cipher suite, in OpenSSL's words; null when not said.</summary>
    public string? Cipher { get; init; }

    /// <summary>The algorithm that signed the proxy's certificate; null when not said.</summary>
    public string? SignatureAlgorithm { get; init; }

    /// <summary>The algorithm of the proxy's key; null when not said.</summary>
    public string? KeyAlgorithm { get; init; }
}
