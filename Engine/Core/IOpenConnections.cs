namespace RawEcho.Engine;

/// <summary>The connections of one host, for those who have to look at all of them.</summary>
internal interface IOpenConnections
{
    /// <summary>The connections that are open now. May be enumerated while connections come and go.</summary>
    IEnumerable<Connection> Connections { get; }
}
