using System.Net;
using System.Net.Sockets;
using RawEcho.Engine.Transport;

namespace RawEcho.Server.Listening;

/// <summary>All sockets that the server listens on: opened here, by the service manager, or by the server that this one replaces.</summary>
internal sealed class ServerSockets : IDisposable
{
    private readonly List<ServerSocket> _all = [];

    private ServerSockets()
    {
    }

    public IReadOnlyList<ServerSocket> All => _all;

    /// <summary>Takes what others have opened, and opens the rest.</summary>
    /// <param name="wanted">What the command line asks for.</param>
    /// <param name="managed">The service manager's: all of them are listened on.</param>
    /// <param name="inherited">
    /// Those of the server that this one replaces. One is used where its address is wanted, or, for port 0, one with any port; the others
    /// are closed.
    /// </param>
    /// <param name="backlog">Connections that wait to be accepted on a socket that is opened here, count.</param>
    /// <exception cref="ListenException">An address cannot be listened on.</exception>
    public static ServerSockets Open(
        IEnumerable<(SocketUse Use, IPEndPoint EndPoint)> wanted, IEnumerable<ServerSocket> managed, IEnumerable<ServerSocket> inherited,
        int backlog)
    {
        var sockets = new ServerSockets();
        var left = inherited.ToList();
        try
        {
            sockets._all.AddRange(managed);
            // Those that ask for a certain port first, or one that asks for any could take it from them.
            foreach ((SocketUse use, IPEndPoint endPoint) in wanted.OrderBy(w => w.EndPoint.Port == 0))
            {
                ServerSocket? taken = left.Find(s => s.Use == use && Serves(s.EndPoint, endPoint));
                if (taken is not null) left.Remove(taken);
                sockets._all.Add(taken ?? new ServerSocket(use, Open(endPoint, backlog)));
            }

            return sockets;
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
        finally
        {
            foreach (ServerSocket unwanted in left) unwanted.Socket.Dispose();
        }
    }

    /// <summary>The sockets for one use.</summary>
    public IReadOnlyList<Socket> Of(SocketUse use) => [.. _all.Where(s => s.Use == use).Select(s => s.Socket)];

    /// <summary>The addresses for one use.</summary>
    public IReadOnlyList<IPEndPoint> AddressesOf(SocketUse use) => [.. _all.Where(s => s.Use == use).Select(s => s.EndPoint)];

    /// <summary>Closes those that nobody accepts from.</summary>
    public void Dispose()
    {
        foreach (ServerSocket socket in _all) socket.Socket.Dispose();
    }

    // As Kestrel does: any address of IPv6 is any address at all.
    private static Socket Open(IPEndPoint endPoint, int backlog) =>
        ListeningSocket.Open(endPoint, backlog, dualMode: endPoint.Address.Equals(IPAddress.IPv6Any));

    private static bool Serves(IPEndPoint has, IPEndPoint wanted) =>
        has.Address.Equals(wanted.Address) && (wanted.Port == 0 || has.Port == wanted.Port);
}
