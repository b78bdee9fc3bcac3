namespace RawEcho.Engine;

/// <summary>
/// What is done with a connection. Echo is one handler; TLS is a handler too, which puts itself in front of another.
/// </summary>
public interface IConnectionHandler
{
    /// <summary>
    /// Serves one connection until it ends. The task's end is the end of the connection: the engine then says goodbye to
    /// the peer and closes. Runs on an event loop once the connection is established, so it must not block:
    /// a handler that has to, hops to the thread pool first.
    /// </summary>
    /// <param name="connection">The connection. Its I/O throws once it was aborted; handlers let that pass.</param>
    Task HandleAsync(Connection connection);
}
