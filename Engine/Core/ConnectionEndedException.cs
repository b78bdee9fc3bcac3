namespace RawEcho.Engine;

/// <summary>Thrown when a connection ended before it could be used: mostly a handshake that did not succeed.</summary>
/// <param name="end">How it ended.</param>
public sealed class ConnectionEndedException(ConnectionEnd end) : IOException(end.ToString())
{
    /// <summary>How it ended.</summary>
    public ConnectionEnd End { get; } = end;
}
