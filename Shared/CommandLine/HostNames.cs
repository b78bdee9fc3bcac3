using System.Net;
using System.Net.Sockets;

namespace RawEcho.CommandLine;

/// <summary>Looks names up.</summary>
public static class HostNames
{
    /// <summary>
    /// The addresses of a host in the order of the resolver, which knows what this machine can reach (RFC 6724); localhost is known without
    /// asking anyone.
    /// </summary>
    /// <exception cref="CommandException">The name is not known.</exception>
    public static async Task<IPEndPoint[]> ResolveAsync(HostPort host)
    {
        if (IPAddress.TryParse(host.Host, out IPAddress? address)) return [new IPEndPoint(address, host.Port)];
        if (host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return [new IPEndPoint(IPAddress.Loopback, host.Port), new IPEndPoint(IPAddress.IPv6Loopback, host.Port)];
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(host.Host);
            return [.. addresses.Select(a => new IPEndPoint(a, host.Port))];
        }
        catch (SocketException e)
        {
            throw new CommandException(ExitCode.Network, $"The host name '{host.Host}' cannot be looked up: {e.Message}.");
        }
    }
}
