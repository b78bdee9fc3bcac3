using System.Net.Sockets;

namespace RawEcho.Engine.Transport;

/// <summary>Reads what the kernel knows of a TCP connection.</summary>
internal static class TcpInfo
{
    /// <summary>Asks the kernel; null where it has no such answer (Linux 4.10 and later has), or the socket is closed.</summary>
    public static TcpStatistics? Of(Socket socket)
    {
        if (!OperatingSystem.IsLinux()) return null;
        // struct tcp_info of linux/tcp.h: offsets are part of the kernel's interface, new members come at the end.
        const int tcp = 6, info = 11, needed = 192;
        const int smoothed = 68, sentAgain = 100, segmentsOut = 136, minimum = 148, busy = 168, limited = 176;
        Span<byte> bytes = stackalloc byte[256];
        int length;
        try
        {
            length = socket.GetRawSocketOption(tcp, info, bytes);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }

        if (length < needed) return null;
        return new TcpStatistics(
            TimeSpan.FromMicroseconds(Number(bytes, minimum)),
            TimeSpan.FromMicroseconds(Number(bytes, smoothed)),
            Number(bytes, segmentsOut),
            Number(bytes, sentAgain),
            TimeSpan.FromMicroseconds(Time(bytes, busy)),
            TimeSpan.FromMicroseconds(Time(bytes, limited)));
    }

    private static uint Number(ReadOnlySpan<byte> info, int at) => BitConverter.ToUInt32(info[at..]);

    private static long Time(ReadOnlySpan<byte> info, int at) => BitConverter.ToInt64(info[at..]);
}
