using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Writes what happens to connections to an <see cref="ILogger"/>. What any stranger can cause (a refused peer, a failed handshake, an
/// ended connection) is logged at Debug, so that nobody without a certificate can fill a log at the default level; the Meter counts all of
/// it. Defects and exhausted resources are logged at Error and Warning.
/// </summary>
/// <param name="logger">Where to write. Its provider must not block: messages come from event loops.</param>
public sealed partial class LoggingObserver(ILogger logger) : IConnectionObserver
{
    /// <inheritdoc/>
    public void OnClosed(ConnectionLifetime connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (!logger.IsEnabled(LogLevel.Debug)) return;
        (ConnectionEnd end, IoCounters io) = (connection.End, connection.Io);
        if (connection.Established)
            LogClosed(connection.Id, connection.RemoteEndPoint, Named(connection.Peer), end, io.BytesReceived, io.BytesSent);
        else
            LogNotEstablished(connection.Id, connection.RemoteEndPoint, end);
    }

    /// <inheritdoc/>
    public void OnRefused(EndPoint? remote, CloseReason reason) => LogRefused(remote, reason);

    /// <inheritdoc/>
    public void OnAcceptFailed(IPEndPoint listener, SocketError cause, TimeSpan retryAfter) =>
        LogAcceptFailed(listener, cause, retryAfter.TotalMilliseconds);

    /// <inheritdoc/>
    public void OnHandlerFault(ConnectionLifetime connection, Exception fault)
    {
        ArgumentNullException.ThrowIfNull(connection);
        LogHandlerFault(fault, connection.Id, connection.RemoteEndPoint);
    }

    /// <inheritdoc/>
    public void OnEngineFault(Exception fault) => LogEngineFault(fault);

    /// <inheritdoc/>
    public void OnObserverFault(Exception fault) => LogObserverFault(fault);

    private static string Named(PeerIdentity? peer) => peer is null ? "" : $" ({PeerText.Clean(peer.Subject)})";

    [LoggerMessage(1, LogLevel.Debug, "Connection {Id} from {Remote}{Peer} closed: {End} ({Received} bytes received, {Sent} sent)")]
    private partial void LogClosed(long id, EndPoint? remote, string peer, ConnectionEnd end, long received, long sent);

    [LoggerMessage(2, LogLevel.Debug, "Connection {Id} from {Remote} ended before its handshake was complete: {End}")]
    private partial void LogNotEstablished(long id, EndPoint? remote, ConnectionEnd end);

    [LoggerMessage(3, LogLevel.Debug, "A connection from {Remote} was refused: {Reason}.")]
    private partial void LogRefused(EndPoint? remote, CloseReason reason);

    [LoggerMessage(4, LogLevel.Warning, "Accepting on {Listener} failed: {Cause}. It is tried again in {RetryAfter} ms.")]
    private partial void LogAcceptFailed(IPEndPoint listener, SocketError cause, double retryAfter);

    [LoggerMessage(5, LogLevel.Error, "The handler of connection {Id} from {Remote} threw.")]
    private partial void LogHandlerFault(Exception fault, long id, EndPoint? remote);

    [LoggerMessage(6, LogLevel.Error, "The engine met an unexpected error and goes on.")]
    private partial void LogEngineFault(Exception fault);

    [LoggerMessage(7, LogLevel.Error, "An observer of connections threw.")]
    private partial void LogObserverFault(Exception fault);
}
