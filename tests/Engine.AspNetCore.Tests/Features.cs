using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace RawEcho.Engine.AspNetCore.Tests;

/// <summary>An endpoint that shows what the application is told of its connection.</summary>
internal static class Features
{
    public static void Map(WebApplication application) => application.MapGet("/features", (HttpContext context) =>
    {
        ITlsHandshakeFeature handshake = context.Features.Get<ITlsHandshakeFeature>()!;
        string alpn = Encoding.ASCII.GetString(context.Features.Get<ITlsApplicationProtocolFeature>()!.ApplicationProtocol.Span);
#pragma warning disable SYSLIB0058 // The interface still has them.
        string legacy = $"{handshake.CipherAlgorithm} {handshake.CipherStrength} {handshake.HashAlgorithm}";
#pragma warning restore SYSLIB0058
        return $"{handshake.Protocol} {handshake.NegotiatedCipherSuite} {legacy} "
            + $"{context.Connection.ClientCertificate?.Subject} {context.Request.Scheme} {context.Request.Protocol.Replace('/', ' ')} "
            + $"{alpn}/{handshake.HostName}";
    });
}
