using System.Net.Security;
using RawEcho.Engine.Tls;

namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// What endpoints do their TLS with: certificate, roots, who may come in. One object may serve several endpoints, and what it holds may be
/// replaced while they serve.
/// </summary>
/// <param name="options">What the server chooses. Without ApplicationProtocols each endpoint offers those of its HTTP protocols.</param>
public sealed class RawEchoTls(TlsServerOptions options)
{
    private readonly Lock _lock = new();
    private readonly List<(TlsServerHandler Handler, IReadOnlyList<SslApplicationProtocol> Protocols)> _endpoints = [];
    private TlsServerOptions _options = options;

    /// <summary>
    /// Changes certificate, roots, revocation lists or allow-list while connections are open, as <see cref="TlsServerHandler.Update"/>.
    /// </summary>
    /// <param name="options">What the server chooses from now on.</param>
    /// <returns>How many connections were ended, because their peer may not come in any more.</returns>
    public int Update(TlsServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        lock (_lock)
        {
            _options = options;
            return _endpoints.Sum(e => e.Handler.Update(With(options, e.Protocols)));
        }
    }

    /// <summary>Makes the handler of one endpoint.</summary>
    /// <param name="next">What is done with a connection once its handshake is complete.</param>
    /// <param name="protocols">What is offered, unless the options say so.</param>
    internal TlsServerHandler CreateHandler(IConnectionHandler next, IReadOnlyList<SslApplicationProtocol> protocols)
    {
        lock (_lock)
        {
            var handler = new TlsServerHandler(next, With(_options, protocols));
            _endpoints.Add((handler, protocols));
            return handler;
        }
    }

    private static TlsServerOptions With(TlsServerOptions options, IReadOnlyList<SslApplicationProtocol> protocols) =>
        options.ApplicationProtocols.Count > 0 ? options : options with { ApplicationProtocols = protocols };
}
