using RawEcho.CommandLine;

namespace RawEcho.Client;

/// <summary>What the command line came to.</summary>
internal sealed record ClientSettings
{
    public required HostPort Server { get; init; }

    /// <summary>The name the server's certificate must be made for.</summary>
    public required string ServerName { get; init; }

    public required TlsMaterial Tls { get; init; }

    public required LoadShape Shape { get; init; }

    public required Engine.EngineOptions Engine { get; init; }

    /// <summary>How long the last echoes may take once the run is over.</summary>
    public required TimeSpan DrainTimeout { get; init; }

    /// <summary>How long one echo may take.</summary>
    public required TimeSpan EchoTimeout { get; init; }

    /// <summary>Connect all, then start at a key press.</summary>
    public required bool Wait { get; init; }

    public required bool Quiet { get; init; }

    public required bool Verbose { get; init; }
}
