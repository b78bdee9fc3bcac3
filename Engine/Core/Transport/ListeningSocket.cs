using System.Net;
using System.Net.Sockets;

namespace RawEcho.Engine.Transport;

/// <summary>
/// Sockets that listen, for programs that open them apart from the host: because a service manager has opened them (sd_listen_fds(3)), or
/// because another process is to go on with them.
/// </summary>
public static class ListeningSocket
{
    /// <summary>Listens on an address.</summary>
    /// <param name="endPoint">Address and port; port 0 for any that is free.</param>
    /// <param name="backlog">Connections that wait to be accepted, at most, count; the system may allow fewer.</param>
    /// <param name="dualMode">True to take IPv4 as well, where the address is IPv6's for any.</param>
    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    public static Socket Open(IPEndPoint endPoint, int backlog, bool dualMode = false)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = dualMode;
            // Elsewhere that is so anyway. Here another program could take the port over while this one listens (SO_REUSEADDR).
            if (OperatingSystem.IsWindows()) socket.ExclusiveAddressUse = true;
            socket.Bind(endPoint);
            socket.Listen(backlog);
            return socket;
        }
        catch (Exception e)
        {
            socket?.Dispose();
            if (e is SocketException cause) throw new ListenException(endPoint, cause);
            throw;
        }
    }

    /// <summary>Takes a descriptor over that somebody else has opened.</summary>
    /// <param name="descriptor">Its number.</param>
    /// <param name="owns">True to close it with the socket that is returned.</param>
    /// <exception cref="IOException">It is not open, or no TCP socket that listens; it is as it was.</exception>
    public static Socket FromDescriptor(nint descriptor, bool owns)
    {
        var handle = new SafeSocketHandle(descriptor, owns);
        try
        {
            var socket = new Socket(handle);
            if (IsTcp(socket) && IsListening(socket)) return socket;
            handle.SetHandleAsInvalid();
        }
        catch (SocketException e)
        {
            handle.SetHandleAsInvalid();
            throw new IOException($"Descriptor {descriptor} is no socket: {e.Message}.", e);
        }

        throw new IOException($"Descriptor {descriptor} is no TCP socket that listens.");
    }

    private static bool IsTcp(Socket socket) => socket is
    {
        AddressFamily: AddressFamily.InterNetwork or AddressFamily.InterNetworkV6,
        SocketType: SocketType.Stream,
        ProtocolType: ProtocolType.Tcp,
    };

    private static bool IsListening(Socket socket) =>
        (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection)! != 0;
}
