using RawEcho.Client.Output;
using RawEcho.CommandLine;

namespace RawEcho.Client.Probe;

/// <summary>What the command line of probe came to.</summary>
internal sealed record ProbeSettings
{
    public required HostPort Server { get; init; }

    /// <summary>The name the server's certificate must be made for.</summary>
    public required string ServerName { get; init; }

    public required TlsMaterial Tls { get; init; }

    /// <summary>How long looking the name up, and then each TCP connect, may take.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>How long the echo may take.</summary>
    public required TimeSpan EchoTimeout { get; init; }

    /// <summary>Where the report goes.</summary>
    public required IResultWriter<ProbeReport> Output { get; init; }
}
