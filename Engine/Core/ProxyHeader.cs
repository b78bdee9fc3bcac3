using System.Net;

namespace RawEcho.Engine;

/// <summary>
/// What a proxy said of the connection that it forwards, by the PROXY protocol
/// (https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt). Everything in it is the proxy's word: names and certificates are not
/// verified by this side.
/// </summary>
public sealed record ProxyHeader
{
    /// <summary>1 for the line of text, 2 for the binary form.</summary>
    public required int Version { get; init; }

    /// <summary>True when the proxy speaks for itself (LOCAL): a health check, mostly. There are no addresses then.</summary>
    public bool IsLocal { get; init; }

    /// <summary>Who connected to the proxy; null when it did not say, or the protocol is none of TCP.</summary>
    public EndPoint? Source { get; init; }

    /// <summary>Where that connection went; null likewise.</summary>
    public EndPoint? Destination { get; init; }

    /// <summary>The application protocol that was negotiated with the client (PP2_TYPE_ALPN); null when not said.</summary>
    public string? ApplicationProtocol { get; init; }

    /// <summary>The host name that the client asked for, SNI in TLS (PP2_TYPE_AUTHORITY); null when not said.</summary>
    public string? Authority { get; init; }

    /// <summary>What the proxy calls this connection in its own logs, up to 128 bytes (PP2_TYPE_UNIQUE_ID); empty when not said.</summary>
    public ReadOnlyMemory<byte> UniqueId { get; init; }

    /// <summary>The TLS that the proxy ended (PP2_TYPE_SSL); null when not said.</summary>
    public ProxyTls? Tls { get; init; }

    /// <summary>The name of the network namespace on the proxy (PP2_TYPE_NETNS); null when not said.</summary>
    public string? NetworkNamespace { get; init; }
}
