using System.Net;
using System.Net.Sockets;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Is told what happens to connections, to log or show it. An exception that a method throws is counted
/// (<see cref="Telemetry.EngineStatistics.ObserverFaults"/>), told to <see cref="OnObserverFault"/>, and changes nothing else.
/// </summary>
/// <remarks>
/// <para>Threads. Each method may be called on any thread, an event loop included, and several at a time for different connections; those
/// for one connection come one after the other. The connection, or the accept loop, waits until the method returns: implementations are
/// quick and do not block.</para>
/// <para>Order. <see cref="OnRefused"/> is called before the socket is closed, so before the peer can see that it was refused. Of a
/// connection that was accepted or opened, <see cref="OnClosed"/> is called exactly once, after the handler is done, and before this side
/// closes: before close_notify, FIN and the closing of the socket. The one exception is a connection that was aborted (a deadline,
/// the end of the drain time, access withdrawn, <see cref="Connection.Abort"/>): only closing the socket makes its handler let go, so
/// the peer may see the end first. An alert that the TLS library itself sends when it cannot go on may arrive before, too. The
/// connection counts as open, and takes its place in the limits, until it is closed, which is after <see cref="OnClosed"/>.</para>
/// </remarks>
public interface IConnectionObserver
{
    /// <summary>A connection has ended, and why; this side has not closed it yet. Called once for each connection.</summary>
    void OnClosed(ConnectionLifetime connection)
    {
    }

    /// <summary>
    /// A connection is about to be closed, before anything was read from it, because a limit was reached. Its socket is still open.
    /// </summary>
    /// <param name="remote">Where it came from; null when it has gone already.</param>
    /// <param name="reason">
    /// <see cref="CloseReason.Refused"/>, <see cref="CloseReason.RefusedAddress"/> or <see cref="CloseReason.RefusedDescriptors"/>.
    /// </param>
    void OnRefused(EndPoint? remote, CloseReason reason)
    {
    }

    /// <summary>
    /// Accepting failed, because the process or the machine is out of something. It is tried again after <paramref name="retryAfter"/>.
    /// </summary>
    void OnAcceptFailed(IPEndPoint listener, SocketError cause, TimeSpan retryAfter)
    {
    }

    /// <summary>
    /// A handler threw what it should not have: a defect. Called before <see cref="OnClosed"/>; after it only when closing is what
    /// failed.
    /// </summary>
    void OnHandlerFault(ConnectionLifetime connection, Exception fault)
    {
    }

    /// <summary>
    /// Accepting connections, or looking after all of them, met an error that nobody foresaw: a defect of the engine, or no memory left.
    /// The engine goes on.
    /// </summary>
    void OnEngineFault(Exception fault)
    {
    }

    /// <summary>
    /// A method of this observer threw: a defect of the observer. What this method throws itself is counted, and no more.
    /// </summary>
    void OnObserverFault(Exception fault)
    {
    }
}
