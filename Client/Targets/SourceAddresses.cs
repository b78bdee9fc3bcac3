using System.Net;
using System.Net.Sockets;
using RawEcho.CommandLine;

namespace RawEcho.Client.Targets;

/// <summary>
/// Local addresses for connections. One address has only so many ports for connections to one address and port (<see cref="LocalPorts"/>);
/// more connections than that need more addresses. All of 127.0.0.0/8 belongs to a Linux machine, so on loopback there are always enough.
/// </summary>
internal static class SourceAddresses
{
    /// <summary>The addresses to use in turn: those that were named, or those of loopback that so many connections need, or none.</summary>
    /// <param name="named">What the user named.</param>
    /// <param name="targets">Where connections go.</param>
    /// <param name="connections">How many.</param>
    /// <param name="member">Which member of a fleet this is, from 1: each takes addresses of its own.</param>
    /// <param name="members">How many members there are, each with as many connections, on this machine perhaps.</param>
    /// <exception cref="CommandException">This machine does not have one of those named.</exception>
    public static IReadOnlyList<IPAddress> Choose(
        IReadOnlyList<IPAddress> named, IReadOnlyList<Target> targets, int connections, int member = 1, int members = 1)
    {
        foreach (IPAddress address in named) Check(address);
        if (named.Count > 0 || !OperatingSystem.IsLinux() || !targets.All(IsLoopback)) return named;
        const int usualPorts = 28_232, mostAddresses = 250;
        // A third of the ports may rest after the connections of a run before this one (TIME_WAIT).
        int perAddress = Math.Max(1, (LocalPorts.Count() ?? usualPorts) * 2 / 3);
        if ((long)connections * members / targets.Count / perAddress == 0) return [];
        int needed = (connections / targets.Count / perAddress) + 1;
        (int high, int low) = Math.DivRem(member - 1, byte.MaxValue + 1);
        return [.. Enumerable.Range(1, Math.Min(needed, mostAddresses)).Select(i => new IPAddress([127, (byte)high, (byte)low, (byte)i]))];
    }

    /// <summary>
    /// The addresses of a server that connections from the addresses named can go to: those of the same family, IPv4 or IPv6.
    /// </summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static IPEndPoint[] Reachable(IReadOnlyList<IPAddress> named, HostPort server, IPEndPoint[] addresses)
    {
        if (named.Count == 0) return addresses;
        IPEndPoint[] reachable = [.. addresses.Where(a => named.Any(s => s.AddressFamily == a.AddressFamily))];
        if (reachable.Length > 0) return reachable;
        string family = named[0].AddressFamily == AddressFamily.InterNetwork ? "IPv4" : "IPv6";
        throw new CommandException(ExitCode.Network, $"--source {named[0]} cannot be used: {server} has no {family} address.");
    }

    /// <summary>The address for a connection; null for what the system chooses.</summary>
    /// <param name="sources">The addresses to use in turn.</param>
    /// <param name="turn">Number of the connection among those to its target.</param>
    /// <param name="family">IPv4 or IPv6: addresses of the other are passed over.</param>
    public static IPAddress? For(IReadOnlyList<IPAddress> sources, int turn, AddressFamily family)
    {
        for (int i = 0; i < sources.Count; i++)
        {
            IPAddress source = sources[(turn + i) % sources.Count];
            if (source.AddressFamily == family) return source;
        }

        return null;
    }

    // An address of loopback reaches no other one, and IPv6 has a single one.
    private static bool IsLoopback(Target target)
    {
        IPEndPoint[] ipv4 = [.. target.Addresses.All.Where(a => a.AddressFamily == AddressFamily.InterNetwork)];
        return ipv4.Length > 0 && Array.TrueForAll(ipv4, a => IPAddress.IsLoopback(a.Address));
    }

    private static void Check(IPAddress address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, 0));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            // It is there, and all its ports are in use, which a connection can share with those to other servers.
        }
        catch (SocketException e)
        {
            throw new CommandException(ExitCode.Network, $"--source {address} cannot be used: {e.Message}.");
        }
    }
}
