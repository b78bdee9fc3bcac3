using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RawEcho.Server.Listening;

/// <summary>Who is at the other end of a Unix socket (unix(7), SO_PEERCRED).</summary>
/// <param name="ProcessId">Its process.</param>
/// <param name="UserId">The user it ran as when it connected, or listened.</param>
internal readonly partial record struct HandoverPeer(int ProcessId, uint UserId)
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const uint Root = 0;

    /// <summary>True for a process of the same user, or of root: it may take sockets over, and hand them on.</summary>
    public bool IsTrusted => UserId == GetEffectiveUser() || UserId == Root;

    /// <exception cref="SocketException">The connection has gone.</exception>
    public static HandoverPeer Of(Socket socket)
    {
        // struct ucred: pid, uid, gid
        Span<byte> credentials = stackalloc byte[3 * sizeof(int)];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return new HandoverPeer(MemoryMarshal.Read<int>(credentials), MemoryMarshal.Read<uint>(credentials[sizeof(int)..]));
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();
}
