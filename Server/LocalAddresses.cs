using System.Net;
using System.Net.Sockets;

namespace RawEcho.Server;

/// <summary>Which of a name's addresses this machine has.</summary>
internal static class LocalAddresses
{
    /// <summary>
    /// localhost is 127.0.0.1 and ::1, and a machine without IPv6 still has a localhost. Of a name without any address here all are given,
    /// so that listening fails and says why.
    /// </summary>
    /// <param name="sameName">The addresses of one name.</param>
    public static IPEndPoint[] ThatAreHere(IPEndPoint[] sameName)
    {
        // Every address of a machine without IPv6 is every one of IPv4.
        if (sameName is [{ Port: var port } only] && only.Address.Equals(IPAddress.IPv6Any) && !IsHere(only.Address))
            return [new IPEndPoint(IPAddress.Any, port)];
        IPEndPoint[] here = sameName.Length > 1 ? [.. sameName.Where(e => IsHere(e.Address))] : sameName;
        return here.Length > 0 ? here : sameName;
    }

    private static bool IsHere(IPAddress address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
        {
            return false;
        }
        catch (SocketException)
        {
            // It is for listening to say what is wrong.
            return true;
        }
    }
}
