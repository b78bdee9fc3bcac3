using RawEcho.CommandLine;

namespace RawEcho.Server;

/// <summary>What the command line came to.</summary>
internal sealed record ServerSettings
{
    public required IReadOnlyList<HostPort> Listen { get; init; }

    public required TlsMaterial Tls { get; init; }

    /// <summary>Reads the files of <see cref="Tls"/> again.</summary>
    public required Func<TlsMaterial> ReloadTls { get; init; }

    /// <summary>How often to look whether they have changed.</summary>
    public required TimeSpan ReloadInterval { get; init; }

    public required Engine.EngineOptions Engine { get; init; }

    /// <summary>How long to run before stopping in order.</summary>
    public required TimeSpan Duration { get; init; }

    public required TimeSpan DrainTimeout { get; init; }

    public required Detail Detail { get; init; }
}
