using System.Net;
using System.Net.Sockets;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Is told what happens to connections, to log or show it. Called on whichever thread it happened, so implementations are
/// quick and do not throw.
/// </summary>
public interface IConnectionObserver
{
    /// <summary>A connection has ended, and why; its goodbye may still be on its way.</summary>
    void OnClosed(ConnectionLifetime connection)
    {
    }

    /// <summary>A connection was closed at once because a limit on open ones was reached.</summary>
    /// <param name="remote">Where it came from; null when it has gone already.</param>
    /// <param name="reason"><see cref="CloseReason.Refused"/> or <see cref="CloseReason.RefusedAddress"/>.</param>
    void OnRefused(EndPoint? remote, CloseReason reason)
    {
    }

    /// <summary>Accepting failed. It goes on of itself after <paramref name="retryAfter"/>.</summary>
    void OnAcceptFailed(IPEndPoint listener, SocketError cause, TimeSpan retryAfter)
    {
    }

    /// <summary>A handler threw what it should not have: a defect.</summary>
    void OnHandlerFault(ConnectionLifetime connection, Exception fault)
    {
    }
}
