using System.Net;
using RawEcho.Engine.Proxy;
using RawEcho.Engine.Tls;

namespace RawEcho.Engine.Hosting;

/// <summary>How a <see cref="RawEchoServer"/> works.</summary>
public sealed class RawEchoServerOptions
{
    /// <summary>Where to listen; at least one address. Port 0 takes any that is free.</summary>
    public IList<IPEndPoint> EndPoints { get; } = [];

    /// <summary>
    /// What the server chooses for TLS; null (the default) for no TLS, which is refused unless <see cref="AllowPlaintext"/> is set.
    /// </summary>
    public TlsServerOptions? Tls { get; set; }

    /// <summary>True to serve without TLS. Default false, so that a forgotten <see cref="Tls"/> opens nothing to everybody.</summary>
    public bool AllowPlaintext { get; set; }

    /// <summary>How the PROXY protocol is taken on every address, in front of TLS; null (the default) for not at all.</summary>
    public ProxyProtocolOptions? Proxy { get; set; }

    /// <summary>Limits and pools.</summary>
    public EngineOptions Engine { get; set; } = new();

    /// <summary>
    /// How long a graceful shutdown may take; default 20 s. The Generic Host has a limit of its own (HostOptions.ShutdownTimeout, 30 s):
    /// the shorter one applies.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <exception cref="EngineOptionException">A value is missing or cannot be.</exception>
    internal RawEchoServerOptions Validated()
    {
        EngineOptions.Check(EndPoints.Count > 0, nameof(EndPoints), "must have at least one address");
        EngineOptions.Check(Tls is not null || AllowPlaintext, nameof(Tls), "must be set, unless AllowPlaintext is true");
        EngineOptions.Check(
            DrainTimeout >= TimeSpan.Zero || DrainTimeout == Timeout.InfiniteTimeSpan, nameof(DrainTimeout),
            "must not be negative, or Timeout.InfiniteTimeSpan");
        Engine.Validated();
        return this;
    }
}
