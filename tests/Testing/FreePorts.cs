using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RawEcho.Testing;

/// <summary>Ports of loopback that nobody has, for programs that are told theirs. Another program may be quicker to take one.</summary>
public static class FreePorts
{
    /// <summary>Some ports, no two alike.</summary>
    public static string[] Take(int count)
    {
        TcpListener[] held = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in held) listener.Start();
        string[] ports = [.. held.Select(l => ((IPEndPoint)l.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture))];
        foreach (TcpListener listener in held) listener.Dispose();
        return ports;
    }
}
