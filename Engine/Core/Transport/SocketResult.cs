using System.Net.Sockets;

namespace RawEcho.Engine.Transport;

/// <summary>
/// What a socket operation came to. An error is a value here: a peer that resets its connection is normal, and costs no throw.
/// </summary>
/// <param name="Bytes">Bytes moved; 0 on an error, and for an operation that moves none.</param>
/// <param name="Error">What the socket reported; Success for the end of a stream, too.</param>
internal readonly record struct SocketResult(int Bytes, SocketError Error)
{
    public bool IsSuccess => Error == SocketError.Success;
}
