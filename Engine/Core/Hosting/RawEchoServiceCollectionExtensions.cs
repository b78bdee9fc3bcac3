using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;

// Where whoever configures services finds the method without a using of ours, as is the custom.
#pragma warning disable IDE0130
namespace Microsoft.Extensions.DependencyInjection;
#pragma warning restore IDE0130

/// <summary>Adds servers of the Engine to an application of the Generic Host.</summary>
public static class RawEchoServiceCollectionExtensions
{
    /// <summary>
    /// Adds a server whose connections <typeparamref name="THandler"/> serves. It listens when the application starts, logs through
    /// Microsoft.Extensions.Logging, and shuts down gracefully when the application stops. May be called several times, for servers of
    /// different handlers. The server can be injected as <see cref="RawEchoServer"/>. Each <see cref="IConnectionObserver"/> that is
    /// registered is told what happens to its connections.
    /// </summary>
    /// <typeparam name="THandler">The handler: one object for all connections, made by the container unless it is registered
    /// already.</typeparam>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets addresses, TLS and limits; called when the application starts.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddRawEcho<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        this IServiceCollection services, Action<RawEchoServerOptions> configure)
        where THandler : class, IConnectionHandler =>
        services.AddRawEcho<THandler>((_, options) => configure(options));

    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets addresses, TLS and limits, with the container at hand; called when the application starts.</param>
    /// <inheritdoc cref="AddRawEcho{THandler}(IServiceCollection, Action{RawEchoServerOptions})"/>
    public static IServiceCollection AddRawEcho<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        this IServiceCollection services, Action<IServiceProvider, RawEchoServerOptions> configure)
        where THandler : class, IConnectionHandler
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddSingleton<THandler>();
        // One server for each call: the key ties the hosted service to the server that is injected.
        object key = new();
        services.AddKeyedSingleton(key, (provider, _) =>
        {
            var options = new RawEchoServerOptions();
            configure(provider, options);
            ILogger<RawEchoServer> logger = provider.GetService<ILogger<RawEchoServer>>() ?? NullLogger<RawEchoServer>.Instance;
            return new RawEchoServer(options, provider.GetRequiredService<THandler>(), logger, provider.GetServices<IConnectionObserver>());
        });
        services.AddSingleton(provider => provider.GetRequiredKeyedService<RawEchoServer>(key));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<RawEchoServer>(key));
        return services;
    }
}
