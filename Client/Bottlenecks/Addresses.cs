using System.Net;
using RawEcho.Engine;

namespace RawEcho.Client.Bottlenecks;

/// <summary>Tells where a server is.</summary>
internal static class Addresses
{
    /// <summary>Whether a connection goes to this machine itself.</summary>
    public static bool AreOfOneMachine(Connection connection) =>
        connection.RemoteEndPoint is IPEndPoint remote
        && (IPAddress.IsLoopback(remote.Address) || (connection.LocalEndPoint is IPEndPoint local && local.Address.Equals(remote.Address)));
}
