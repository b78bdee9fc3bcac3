using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RawEcho.Server.Listening;

/// <summary>
/// A message over a Unix socket that carries descriptors with it (unix(7), SCM_RIGHTS): the receiver gets descriptors of its own for the
/// same open sockets. .NET sends and receives bytes only.
/// </summary>
internal static unsafe partial class DescriptorMessage
{
    /// <summary>Descriptors in one message, at most, count (SCM_MAX_FD).</summary>
    public const int MostDescriptors = 253;

    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int DoNotWait = 0x40;
    private const int IsCut = 0x8 | 0x20;
    private static readonly int HeadSize = sizeof(ControlHead);

    /// <summary>Sends one. Does not wait.</summary>
    /// <exception cref="SocketException">The peer has gone.</exception>
    public static void Send(Socket socket, ReadOnlySpan<byte> text, ReadOnlySpan<int> descriptors)
    {
        int size = HeadSize + (sizeof(int) * descriptors.Length);
        byte* control = stackalloc byte[Aligned(size)];
        *(ControlHead*)control = new ControlHead { Size = (nuint)size, Level = SocketLevel, Type = Rights };
        descriptors.CopyTo(new Span<int>(control + HeadSize, descriptors.Length));
        fixed (byte* bytes = text)
        {
            var part = new IoVector { Bytes = bytes, Count = (nuint)text.Length };
            var message = new MessageHead { Parts = &part, PartCount = 1, Control = control, ControlSize = (nuint)Aligned(size) };
            if (SendMessage(socket.SafeHandle, &message, DoNotWait) != text.Length) throw new SocketException(LastError());
        }
    }

    /// <summary>Receives one that has come. Does not wait.</summary>
    /// <param name="socket">Has something to read.</param>
    /// <param name="text">Takes its bytes.</param>
    /// <param name="descriptors">The descriptors that came with it: they are the caller's to close.</param>
    /// <returns>How many bytes; 0 when the peer has closed.</returns>
    /// <exception cref="SocketException">The connection failed.</exception>
    /// <exception cref="IOException">It did not fit.</exception>
    public static int Receive(Socket socket, Span<byte> text, out int[] descriptors)
    {
        int room = Aligned(HeadSize + (sizeof(int) * MostDescriptors));
        byte* control = stackalloc byte[room];
        fixed (byte* bytes = text)
        {
            var part = new IoVector { Bytes = bytes, Count = (nuint)text.Length };
            var message = new MessageHead { Parts = &part, PartCount = 1, Control = control, ControlSize = (nuint)room };
            nint received = ReceiveMessage(socket.SafeHandle, &message, DoNotWait);
            if (received < 0) throw new SocketException(LastError());
            descriptors = DescriptorsOf(message);
            if ((message.Flags & IsCut) == 0) return (int)received;
        }

        foreach (int descriptor in descriptors) new SafeSocketHandle(descriptor, ownsHandle: true).Dispose();
        throw new IOException("A message was longer than it may be.");
    }

    private static int[] DescriptorsOf(MessageHead message)
    {
        var head = (ControlHead*)message.Control;
        if (message.ControlSize < (nuint)HeadSize || head->Level != SocketLevel || head->Type != Rights) return [];
        return [.. new ReadOnlySpan<int>((byte*)message.Control + HeadSize, ((int)head->Size - HeadSize) / sizeof(int))];
    }

    // CMSG_ALIGN
    private static int Aligned(int size) => (size + sizeof(nuint) - 1) & -sizeof(nuint);

    // .NET's own numbers are those of Windows.
    private static int LastError() => Marshal.GetLastPInvokeError() switch
    {
        11 => (int)SocketError.WouldBlock,
        32 => (int)SocketError.Shutdown,
        104 => (int)SocketError.ConnectionReset,
        _ => (int)SocketError.SocketError,
    };

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeHandle socket, MessageHead* message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessage(SafeHandle socket, MessageHead* message, int flags);

    // struct iovec
    private struct IoVector
    {
        public byte* Bytes;
        public nuint Count;
    }

    // struct msghdr of Linux, 64 bits
    private struct MessageHead
    {
        public void* Address;
        public uint AddressSize;
        public IoVector* Parts;
        public nuint PartCount;
        public void* Control;
        public nuint ControlSize;
        public int Flags;
    }

    // struct cmsghdr
    private struct ControlHead
    {
        public nuint Size;
        public int Level;
        public int Type;
    }
}
