namespace RawEcho.Engine;

/// <summary>The connections of one host, for those who have to look at all of them.</summary>
internal interface IOpenConnections
{
    /// <summary>The connections that are open now. May be enumerated while connections come and go.</summary>
    IEnumerable<Connection> Connections { get; }

    /// <summary>
    /// From now on a connection counts by its <see cref="Connection.RemoteEndPoint"/>, which has just become known; once for a connection.
    /// </summary>
    /// <returns>False when there are as many of that address as may be: nothing was counted.</returns>
    bool TryCountAddress(Connection connection);
}
