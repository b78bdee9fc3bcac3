using System.Net;

namespace RawEcho.Server;

/// <summary>Says from where an address that is listened on can be reached.</summary>
internal static class Reach
{
    /// <summary>A line for each address that stands for several, and one where other machines cannot connect at all.</summary>
    /// <param name="addresses">All that the server listens on.</param>
    public static IEnumerable<string> Lines(IReadOnlyCollection<IPAddress> addresses)
    {
        if (addresses.All(IPAddress.IsLoopback))
            yield return "Only this machine can connect. --listen :7443 takes all its addresses.";
        if (addresses.Contains(IPAddress.IPv6Any))
            yield return "[::] is every IPv4 and IPv6 address here: other machines can connect.";
        if (addresses.Contains(IPAddress.Any))
            yield return "0.0.0.0 is every IPv4 address here: other machines can connect.";
    }
}
