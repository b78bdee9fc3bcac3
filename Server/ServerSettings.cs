using RawEcho.CommandLine;
using RawEcho.Server.Listening;

namespace RawEcho.Server;

/// <summary>What the command line came to.</summary>
internal sealed record ServerSettings
{
    /// <summary>Where to echo; empty where only HTTP is served.</summary>
    public required IReadOnlyList<HostPort> Listen { get; init; }

    /// <summary>Where to serve HTTP; empty for nowhere.</summary>
    public required IReadOnlyList<HostPort> Http { get; init; }

    /// <summary>Where the admin pages are; null for nowhere.</summary>
    public required HostPort? Admin { get; init; }

    /// <summary>The admin pages are served over TLS too, with the same certificates.</summary>
    public required bool AdminUsesTls { get; init; }

    /// <summary>Sockets that the service manager has opened: they are listened on, too.</summary>
    public required IReadOnlyList<ServerSocket> Managed { get; init; }

    /// <summary>Where the server that is to replace this one asks for the sockets; null for nowhere.</summary>
    public required string? Handover { get; init; }

    public required TlsMaterial Tls { get; init; }

    /// <summary>Reads the files of <see cref="Tls"/> again.</summary>
    public required Func<TlsMaterial> ReloadTls { get; init; }

    /// <summary>How often to look whether they have changed.</summary>
    public required TimeSpan ReloadInterval { get; init; }

    /// <summary>The largest size of all certificates of a client together, bytes; 0 for no limit.</summary>
    public required int MaxClientChainBytes { get; init; }

    public required Engine.EngineProcessOptions Process { get; init; }

    public required Engine.EngineOptions Engine { get; init; }

    /// <summary>How the PROXY protocol is taken; null for not at all.</summary>
    public required Engine.Proxy.ProxyProtocolOptions? Proxy { get; init; }

    /// <summary>Serve no uploads and no downloads.</summary>
    public required bool EchoOnly { get; init; }

    /// <summary>How long to run before stopping in order.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How long to go on accepting when told to stop, while /readyz says no.</summary>
    public required TimeSpan DrainDelay { get; init; }

    public required TimeSpan DrainTimeout { get; init; }

    public required Detail Detail { get; init; }

    public required LogFormat LogFormat { get; init; }
}
