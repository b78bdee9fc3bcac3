using System.Runtime.InteropServices;

namespace RawEcho.Server.Listening;

/// <summary>
/// A listening socket that another process gets as well. When .NET closes a socket, it may shut it down first, which ends the listening for
/// all processes; it leaves alone what a child process would inherit (fcntl(2), FD_CLOEXEC). This program starts none.
/// </summary>
internal static partial class SharedDescriptor
{
    private const int SetFlags = 2;

    /// <summary>The number of the descriptor, which .NET only closes from now on.</summary>
    public static int Of(ServerSocket socket)
    {
        _ = SetDescriptorFlags(socket.Socket.SafeHandle, SetFlags, 0);
        return (int)socket.Socket.Handle;
    }

    // The third argument is a variable one, which Linux passes as any other.
    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int SetDescriptorFlags(SafeHandle socket, int command, int flags);
}
