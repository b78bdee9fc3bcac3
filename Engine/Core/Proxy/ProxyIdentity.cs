namespace RawEcho.Engine.Proxy;

/// <summary>Whether a proxy has said who its client is, in a way that can be relied on as far as the proxy can.</summary>
internal static class ProxyIdentity
{
    /// <summary>What is missing; null when the common name that it sent (PP2_SUBTYPE_SSL_CN) is the name of a verified client.</summary>
    public static string? Problem(ProxyHeader header) => header.Tls switch
    {
        null => "The proxy says nothing of the client's TLS and certificate (PP2_TYPE_SSL).",
        { WasUsed: false } => "The proxy says that the client came without TLS.",
        { HasSessionCertificate: false } => "The proxy says that the client showed no certificate.",
        { IsVerified: false } => "The proxy did not accept the certificate of the client.",
        { CommonName: null } => "The proxy does not say the common name in the certificate of the client (PP2_SUBTYPE_SSL_CN).",
        { CommonName: var name } when string.IsNullOrWhiteSpace(name) => "The certificate of the client has an empty common name.",
        { IsCommonNameAltered: true } => "The common name of the client cannot be read: it has control characters, or is not UTF-8.",
        _ => null,
    };
}
