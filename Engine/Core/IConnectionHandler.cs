namespace RawEcho.Engine;

/// <summary>
/// Serves connections. Echo is one handler; TLS is a handler too, which does the handshake and then calls another.
/// </summary>
/// <remarks>
/// <para>Threads. Once the connection is established the handler runs on an event loop, which serves many other connections as well. It
/// must not block and not compute for long: such work goes to the thread pool first (Task.Run). At most one read and one write of a
/// connection may be pending at a time.</para>
/// <para>Graceful shutdown. <see cref="Hosting.ConnectionHost.StopAsync"/> stops accepting, and ends each connection that is idle: its wait
/// completes, and the next read returns 0 with <see cref="CloseReason.Drained"/> in <see cref="Connection.EndOfStream"/>. A handler is idle
/// when it waits in <see cref="Connection.WaitForNextMessageAsync"/>. It is busy from the first byte that it reads after that until it
/// waits there again, and inside a scope of <see cref="Connection.BeginWork"/>; a busy connection is not ended, so a request that was
/// begun is answered. A handler that calls neither counts as idle whenever it waits for data, after a second even in the middle of a
/// message.</para>
/// <para>When the time of the shutdown is over, what is left is aborted (<see cref="CloseReason.DrainTimeout"/>): the socket is closed,
/// reads and writes throw, and <see cref="Connection.Ended"/> is cancelled. The shutdown then waits until the handler returns, however
/// long that takes: a handler that waits for something else watches that token.</para>
/// </remarks>
public interface IConnectionHandler
{
    /// <summary>
    /// Serves one connection. When the task completes, the engine closes the connection: close_notify, FIN, and a wait for the peer's
    /// that is bounded by <see cref="EngineOptions.CloseTimeout"/>. An exception ends the connection without them; one that is not of
    /// the connection itself is a defect (<see cref="CloseReason.HandlerFault"/>), and the observer is told.
    /// </summary>
    /// <param name="connection">The connection. Its I/O throws once it was aborted; handlers let that pass.</param>
    Task HandleAsync(Connection connection);
}
