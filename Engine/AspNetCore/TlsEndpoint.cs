using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace RawEcho.Engine.AspNetCore;

/// <summary>An endpoint that ends TLS in the engine. What it cannot be is said when the server starts, in one sentence.</summary>
internal sealed class TlsEndpoint
{
    public const string OtherTransport =
        "UseRawEchoTls serves connections of the RawEcho transport alone: call builder.WebHost.UseRawEcho() after any other UseKestrel or "
        + "UseSockets.";

    public const string NotFirst =
        "UseRawEchoTls must stand before all that reads the connection, UseConnectionLogging and UseHttps included.";

    private readonly ListenOptions _endpoint;

    /// <exception cref="InvalidOperationException">The endpoint has TLS already.</exception>
    public TlsEndpoint(ListenOptions endpoint)
    {
        if (ListenOptionsInternals.IsTls(endpoint)) throw new InvalidOperationException(TwoTls(endpoint));
        ListenOptionsInternals.MarkAsTls(endpoint);
        _endpoint = endpoint;
    }

    /// <summary>The endpoint's HTTP protocols, by the names of ALPN (RFC 7301).</summary>
    public IReadOnlyList<SslApplicationProtocol> ApplicationProtocols
    {
        get
        {
            List<SslApplicationProtocol> protocols = [];
            if (_endpoint.Protocols.HasFlag(HttpProtocols.Http2)) protocols.Add(SslApplicationProtocol.Http2);
            if (_endpoint.Protocols.HasFlag(HttpProtocols.Http1)) protocols.Add(SslApplicationProtocol.Http11);
            return protocols;
        }
    }

    /// <summary>To be called when everything is configured, before the server listens.</summary>
    /// <exception cref="InvalidOperationException">The endpoint cannot be served; the message says why.</exception>
    public void Validate()
    {
        if (ListenOptionsInternals.UsesHttps(_endpoint)) throw new InvalidOperationException(TwoTls(_endpoint));
        if (_endpoint.EndPoint is not IPEndPoint)
            throw new InvalidOperationException(
                $"UseRawEchoTls serves IP addresses alone, and the endpoint {_endpoint} is none: call UseHttps.");
        if (_endpoint.Protocols.HasFlag(HttpProtocols.Http3))
            throw new InvalidOperationException(
                $"The endpoint {_endpoint} asks for HTTP/3, which does not run over TCP: leave it out, or call UseHttps.");
        if (_endpoint.ApplicationServices.GetServices<IConnectionListenerFactory>().LastOrDefault() is not EngineTransport)
            throw new InvalidOperationException(OtherTransport);
    }

    private static string TwoTls(ListenOptions endpoint) =>
        $"The endpoint {endpoint} calls UseRawEchoTls and UseHttps, or one of them twice: TLS ends in one place. Leave one out.";
}
