using System.Net;
using System.Net.Sockets;

namespace RawEcho.Server.Listening;

/// <summary>What is served on an address.</summary>
internal enum SocketUse
{
    /// <summary>Echoes: --listen.</summary>
    Echo,

    /// <summary>HTTP: --http.</summary>
    Http,

    /// <summary>The pages for operators: --admin.</summary>
    Admin,
}

/// <summary>A socket that listens, and what for.</summary>
/// <param name="Use">What is served on it.</param>
/// <param name="Socket">The socket. Whoever accepts from it closes it.</param>
internal sealed record ServerSocket(SocketUse Use, Socket Socket)
{
    /// <summary>Where it listens; kept, because a socket that is closed cannot be asked.</summary>
    public IPEndPoint EndPoint { get; } = (IPEndPoint)Socket.LocalEndPoint!;

    /// <summary>Reads the name that a use has outside of this program; false for a name that there is not.</summary>
    public static bool TryParseUse(string name, out SocketUse use)
    {
        SocketUse? found = name switch
        {
            "echo" => SocketUse.Echo,
            "http" => SocketUse.Http,
            "admin" => SocketUse.Admin,
            _ => null,
        };
        use = found ?? default;
        return found is not null;
    }

    /// <summary>The name that a use has outside of this program.</summary>
    public static string NameOf(SocketUse use) => use switch
    {
        SocketUse.Echo => "echo",
        SocketUse.Http => "http",
        _ => "admin",
    };
}
