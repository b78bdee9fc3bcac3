using System.Net.Sockets;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Proxy;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.AspNetCore;

/// <summary>How Kestrel runs on the engine. Set by <c>UseRawEcho</c>, read once, when the server starts to listen.</summary>
public sealed class RawEchoTransportOptions
{
    /// <summary>
    /// Limits and pools of the engine. By default it ends no connection for being idle or slow, because Kestrel has limits of its own
    /// (KestrelServerLimits), and lets in as many as there are file descriptors for.
    /// </summary>
    public EngineOptions Engine { get; set; } = new()
    {
        MaxConnections = 1_000_000,
        IdleTimeout = Timeout.InfiniteTimeSpan,
        WriteTimeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>
    /// An engine that is there already, for applications that serve other protocols beside HTTP: its limits count for all of them together,
    /// and <see cref="Engine"/> is not looked at. Whoever made it stops and disposes it, after Kestrel.
    /// </summary>
    public ConnectionHost? Host { get; set; }

    /// <summary>
    /// Where the application's code runs, for endpoints that do not say so by <c>UseApplicationThreads</c>; default
    /// <see cref="ApplicationThreads.ThreadPool"/>.
    /// </summary>
    public ApplicationThreads ApplicationThreads { get; set; }

    /// <summary>
    /// How the PROXY protocol is taken on all endpoints, in front of TLS; null (default) for not at all. What the proxy said is in
    /// <see cref="Engine.Connection.Proxy"/> of <see cref="IEngineConnectionFeature"/>, and the client's address in HttpContext.Connection.
    /// </summary>
    public ProxyProtocolOptions? Proxy { get; set; }

    /// <summary>
    /// Sockets that listen already (<see cref="ListeningSocket"/>): an endpoint with the address of one uses it, and closes it when Kestrel
    /// stops. For a server that is replaced while its clients go on to connect. Descriptors need none of it: see
    /// <c>KestrelServerOptions.ListenHandle</c> and <c>UseSystemd</c>.
    /// </summary>
    public IReadOnlyList<Socket> Listening { get; set; } = [];

    /// <summary>When guarded endpoints move; for tests.</summary>
    internal GuardSettings Guard { get; set; } = new();
}
