using System.Net;
using RawEcho.CommandLine;
using RawEcho.Engine.Transport;

namespace RawEcho.Client.Targets;

/// <summary>A server after its name was looked up, once for the whole run.</summary>
/// <param name="Server">As the user wrote it.</param>
/// <param name="ServerName">The name that its certificate must be made for.</param>
/// <param name="Addresses">Its addresses, and which of them answers.</param>
internal sealed record Target(HostPort Server, string ServerName, ServerAddresses Addresses)
{
    /// <summary>True when there was a name to look up.</summary>
    public bool WasLookedUp => !IPAddress.TryParse(Server.Host, out _);

    /// <summary>Where requests go; null for messages that are echoed.</summary>
    public HttpUrl? Url { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Url?.ToString() ?? Server.ToString();
}

/// <summary>What the command line says of servers and of the way there.</summary>
internal sealed record TargetSettings
{
    /// <summary>The servers, in turn; connection i goes to the one whose turn it is.</summary>
    public required IReadOnlyList<HostPort> Servers { get; init; }

    /// <summary>Where requests go on each of <see cref="Servers"/>; empty for messages that are echoed.</summary>
    public IReadOnlyList<HttpUrl> Urls { get; init; } = [];

    /// <summary>The name that every server's certificate must be made for; null for the host of each.</summary>
    public required string? ServerName { get; init; }

    public required TlsMaterial Tls { get; init; }

    /// <summary>Local addresses, in turn; empty for what the system chooses.</summary>
    public required IReadOnlyList<IPAddress> Sources { get; init; }

    /// <summary>What each connection begins with.</summary>
    public SendProxy SendProxy { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>Event loops; 0 for one per processor.</summary>
    public required int Loops { get; init; }

    /// <summary>Looks every name up.</summary>
    /// <param name="stop">Cancelled when the user wants no more. A resolver that does not answer can take minutes.</param>
    /// <exception cref="CommandException">One is not known, or has no address that can be reached from those of --source; or the user
    /// wants no more.</exception>
    public async Task<IReadOnlyList<Target>> ResolveAsync(CancellationToken stop)
    {
        try
        {
            return await LookUpAsync().WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            throw new CommandException(ExitCode.Interrupted, "interrupted while a host name was looked up.");
        }
    }

    private async Task<IReadOnlyList<Target>> LookUpAsync()
    {
        var targets = new List<Target>();
        for (int i = 0; i < Servers.Count; i++)
        {
            HostPort server = Servers[i];
            IPEndPoint[] addresses = SourceAddresses.Reachable(Sources, server, await HostNames.ResolveAsync(server));
            HttpUrl? url = Urls.Count > 0 ? Urls[i] : null;
            targets.Add(new Target(server, ServerName ?? server.Host, new ServerAddresses(addresses)) { Url = url });
        }

        return targets;
    }
}
