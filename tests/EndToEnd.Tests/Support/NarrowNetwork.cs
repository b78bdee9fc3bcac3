using System.Globalization;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// A network where a local address has few ports, and those of a connection that is over rest for a whole minute: so ports run out after a
/// hundred connections.
/// </summary>
internal static class NarrowNetwork
{
    /// <summary>Ports of a local address, count.</summary>
    public const int Ports = 100;

    private const int FirstPort = 40_000;

    private static string Settings => string.Create(CultureInfo.InvariantCulture,
        $"echo {FirstPort} {FirstPort + Ports - 1} >/proc/sys/net/ipv4/ip_local_port_range && echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse");

    /// <summary>Starts a server in a new one; skips the test where that is not permitted.</summary>
    public static Task<OwnNetwork> StartAsync(Certificates certificates) => OwnNetwork.StartAsync(certificates, Settings, "127.0.0.1:7443");
}
