using System.Net;

namespace RawEcho.Engine;

/// <summary>
/// A handler that reads something before the connection is open, from which the peer's address may follow. It moves the connection to
/// <see cref="ConnectionPhase.Open"/> itself.
/// </summary>
internal interface IPreambleHandler
{
    /// <summary>Whether the handler will say where the peer really comes from: then the address of TCP is not counted.</summary>
    bool TellsAddress(EndPoint? remote);
}
