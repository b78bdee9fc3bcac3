using System.Net.Sockets;
using System.Security.Authentication;
using RawEcho.Engine.Tls;

namespace RawEcho.Engine.Hosting;

/// <summary>Turns what a handler threw into the end of its connection.</summary>
internal static class ConnectionFailure
{
    /// <summary>Ends the connection for what its handler threw.</summary>
    /// <returns>False when that is a defect of the handler, and not something that happens to connections.</returns>
    public static bool TryEnd(ConnectionLifetime connection, Exception thrown)
    {
        // After an abort, whatever I/O throws is its consequence.
        bool isAborted = connection.End.Reason != CloseReason.None;
        if (isAborted && thrown is IOException or ObjectDisposedException or InvalidOperationException) return true;
        ConnectionEnd end = EndOf(thrown);
        connection.TryEnd(end);
        return end.Reason != CloseReason.HandlerFault;
    }

    private static ConnectionEnd EndOf(Exception thrown) => thrown switch
    {
        IConnectionFault fault => new(fault.Reason, thrown.Message),
        IOException { InnerException: SocketException s } => EndOf(s),
        SocketException s => EndOf(s),
        IOException or AuthenticationException =>
            new(CloseReason.ProtocolError, HandshakeFailure.Describe(thrown, "The connection failed")),
        _ => new(CloseReason.HandlerFault, $"{thrown.GetType().Name}: {thrown.Message}"),
    };

    private static ConnectionEnd EndOf(SocketException thrown) => thrown.SocketErrorCode switch
    {
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => new(CloseReason.PeerReset),
        _ => new(CloseReason.TransportError, thrown.Message),
    };
}
