using System.Text;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace RawEcho.Samples.Web;

/// <summary>What a peer is told of its connection.</summary>
/// <param name="Http">HTTP/1.1 or HTTP/2.</param>
/// <param name="Protocol">TLS 1.2 or 1.3, as .NET names them.</param>
/// <param name="Suite">The cipher suite.</param>
/// <param name="Alpn">The application protocol that was agreed on; empty for none.</param>
/// <param name="Peer">The subject of the client's certificate.</param>
/// <param name="Thumbprint">The SHA-1 of the client's certificate.</param>
internal sealed record ConnectionView(string Http, string Protocol, string? Suite, string Alpn, string? Peer, string? Thumbprint)
{
    public static ConnectionView Of(HttpContext context)
    {
        ITlsHandshakeFeature? handshake = context.Features.Get<ITlsHandshakeFeature>();
        ReadOnlyMemory<byte> alpn = context.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol ?? default;
        return new ConnectionView(
            context.Request.Protocol,
            $"{handshake?.Protocol}",
            handshake?.NegotiatedCipherSuite?.ToString(),
            Encoding.ASCII.GetString(alpn.Span),
            context.Connection.ClientCertificate?.Subject,
            context.Connection.ClientCertificate?.Thumbprint);
    }
}

/// <summary>Serialisation without reflection.</summary>
[JsonSerializable(typeof(ConnectionView))]
internal sealed partial class WebJson : JsonSerializerContext;
