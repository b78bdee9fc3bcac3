namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// The engine's view of an HTTP connection: who the peer is, whether its session was resumed, how it ended. A feature of the connection,
/// so <c>HttpContext.Features</c> has it too.
/// </summary>
public interface IEngineConnectionFeature
{
    /// <summary>The connection, with TLS once the handshake is complete. Kestrel reads and writes it; others only look.</summary>
    Connection Connection { get; }
}
