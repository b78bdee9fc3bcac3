using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using RawEcho.Engine.AspNetCore;
using RawEcho.Engine.Tls;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>What an endpoint of Kestrel may ask of the engine.</summary>
public static class ListenOptionsRawEchoExtensions
{
    /// <summary>
    /// Ends TLS in the engine: mutual TLS by default, with its identity rules. Needs
    /// <see cref="WebHostBuilderRawEchoExtensions.UseRawEcho"/>, and stands in the place of UseHttps.
    /// </summary>
    /// <param name="listenOptions">The endpoint.</param>
    /// <param name="options">
    /// What the server chooses. Without ApplicationProtocols it offers those of the endpoint's HTTP protocols.
    /// </param>
    /// <exception cref="InvalidOperationException">The endpoint has TLS already.</exception>
    public static ListenOptions UseRawEchoTls(this ListenOptions listenOptions, TlsServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return listenOptions.UseRawEchoTls(new RawEchoTls(options));
    }

    /// <summary>Ends TLS in the engine, with what can be replaced while the server runs.</summary>
    /// <param name="listenOptions">The endpoint.</param>
    /// <param name="tls">What the server chooses.</param>
    /// <exception cref="InvalidOperationException">The endpoint has TLS already.</exception>
    public static ListenOptions UseRawEchoTls(this ListenOptions listenOptions, RawEchoTls tls)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        ArgumentNullException.ThrowIfNull(tls);
        var endpoint = new TlsEndpoint(listenOptions);
        listenOptions.Use(next =>
        {
            endpoint.Validate();
            return new TlsMiddleware(next, tls, endpoint).OnConnectionAsync;
        });
        return listenOptions;
    }

    /// <summary>Says where the application's code runs for connections of this endpoint, with or without TLS.</summary>
    /// <param name="listenOptions">The endpoint.</param>
    /// <param name="threads">Where.</param>
    public static ListenOptions UseApplicationThreads(this ListenOptions listenOptions, ApplicationThreads threads)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        if (!Enum.IsDefined(threads)) throw new ArgumentOutOfRangeException(nameof(threads));
        EngineTransport? transport = listenOptions.ApplicationServices?.GetService<EngineTransport>();
        transport?.Expect(threads);
        listenOptions.Use(next =>
        {
            EndpointGuard? guard = transport?.CreateGuard(threads);
            return context =>
            {
                // Another transport has its own way.
                if (context is EngineConnectionContext engine) engine.SetThreads(threads, guard);
                return next(context);
            };
        });
        return listenOptions;
    }
}
