namespace RawEcho.Engine.Proxy;

/// <summary>The side of a proxy.</summary>
public static class ProxyProtocol
{
    /// <summary>
    /// Sends a header at the beginning of a connection that this side opened (<see cref="Hosting.ConnectOptions.BeforeTls"/>): for testing
    /// servers that stand behind a balancer, and for programs that are one. Version, addresses of TCP and whether it is LOCAL are sent,
    /// version 2 with a checksum; the rest is not. The bytes do not count as the handler's.
    /// </summary>
    /// <param name="connection">A connection on which nothing was sent yet.</param>
    /// <param name="header">What to say.</param>
    /// <exception cref="IOException">The transport failed, or the connection was aborted.</exception>
    public static ValueTask SendProxyHeaderAsync(this Connection connection, ProxyHeader header)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(header);
        return connection.Stream.WriteAsync(ProxyHeaderWriter.Write(header));
    }
}
