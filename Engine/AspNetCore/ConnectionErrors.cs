using Microsoft.AspNetCore.Connections;

namespace RawEcho.Engine.AspNetCore;

/// <summary>Turns what ends reading into the exceptions that Kestrel knows of its own transports.</summary>
internal static class ConnectionErrors
{
    /// <summary>What a read of 0 bytes meant; null for an end of stream.</summary>
    public static Exception? OfEnd(CloseReason end) =>
        end is CloseReason.PeerReset or CloseReason.TransportError ? new ConnectionResetException("The peer reset the connection.") : null;

    /// <summary>What an operation of the connection threw.</summary>
    public static Exception Of(Exception thrown, Connection connection)
    {
        if (connection.Ended.IsCancellationRequested) return new ConnectionAbortedException("The connection was aborted.", thrown);
        return thrown is IOException ? thrown : new ConnectionAbortedException("The connection failed.", thrown);
    }
}
