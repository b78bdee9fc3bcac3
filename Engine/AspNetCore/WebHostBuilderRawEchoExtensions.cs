using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RawEcho.Engine.AspNetCore;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Puts Kestrel on the engine.</summary>
public static class WebHostBuilderRawEchoExtensions
{
    /// <summary>
    /// Kestrel takes its TCP connections from the engine. Unix sockets, named pipes and file handles stay with the transport that was there
    /// before. TLS of an endpoint is asked for by <c>UseRawEchoTls</c>; UseHttps works too, over the engine's connections.
    /// </summary>
    /// <param name="builder">The host, with Kestrel as its server; call this after UseKestrel.</param>
    /// <param name="configure">Sets limits and threads; null for the defaults.</param>
    public static IWebHostBuilder UseRawEcho(this IWebHostBuilder builder, Action<RawEchoTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(services =>
        {
            if (configure is not null) services.Configure(configure);
            if (services.Any(s => s.ServiceType == typeof(EngineTransport))) return;
            // Kestrel asks the transport first that was registered last.
            services.TryAddSingleton<IConnectionListenerFactory, SocketTransportFactory>();
            services.AddSingleton<EngineTransport>();
            services.AddSingleton<IConnectionListenerFactory>(s => s.GetRequiredService<EngineTransport>());
            services.AddSingleton<IStartupFilter, GuardStartupFilter>();
            services.AddSingleton(s => new RawEchoTransport(s.GetRequiredService<EngineTransport>()));
        });
    }
}
