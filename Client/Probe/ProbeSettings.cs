using System.Net.Security;
using RawEcho.Client.Output;
using RawEcho.Client.StartTls;
using RawEcho.Client.Targets;
using RawEcho.CommandLine;

namespace RawEcho.Client.Probe;

/// <summary>What the command line of probe came to.</summary>
internal sealed record ProbeSettings
{
    public required HostPort Server { get; init; }

    /// <summary>The name the server's certificate must be made for.</summary>
    public required string ServerName { get; init; }

    public required TlsMaterial Tls { get; init; }

    /// <summary>The web server's URL, which is asked for its head; null for another server.</summary>
    public HttpUrl? Url { get; init; }

    /// <summary>Application protocols to offer (ALPN), the best first; empty for none.</summary>
    public IReadOnlyList<SslApplicationProtocol> Protocols { get; init; } = [];

    /// <summary>False for a service that does not echo: it is sent nothing after the handshake.</summary>
    public bool Echoes { get; init; } = true;

    /// <summary>How the service goes on to TLS; null for one that begins with it.</summary>
    public StartTlsProtocol? StartTls { get; init; }

    /// <summary>What each connection begins with, before that.</summary>
    public SendProxy SendProxy { get; init; }

    /// <summary>How long looking the name up, and then each TCP connect, may take.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>How long the echo, or the response, may take.</summary>
    public required TimeSpan EchoTimeout { get; init; }

    /// <summary>Where the report goes.</summary>
    public required IResultWriter<ProbeReport> Output { get; init; }
}
