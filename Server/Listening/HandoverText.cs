using System.Net;
using System.Text;

namespace RawEcho.Server.Listening;

/// <summary>
/// What two servers say to each other when one replaces the other, over a Unix socket that keeps messages apart (SOCK_SEQPACKET). The new
/// one says <see cref="Hello"/>; the old one answers with a line for each of its sockets, which come along as descriptors; the new one says
/// <see cref="Ready"/> when it accepts from them; the old one says <see cref="Stopping"/>, and ends its connections.
/// </summary>
internal static class HandoverText
{
    /// <summary>Bytes of a message, at most: a line for each descriptor that there may be.</summary>
    public const int MostBytes = DescriptorMessage.MostDescriptors * 64;

    private static readonly byte[] HelloBytes = "rawecho-handover 1"u8.ToArray();
    private static readonly byte[] ReadyBytes = "ready"u8.ToArray();
    private static readonly byte[] StoppingBytes = "stopping"u8.ToArray();

    public static ReadOnlyMemory<byte> Hello => HelloBytes;

    public static ReadOnlyMemory<byte> Ready => ReadyBytes;

    public static ReadOnlyMemory<byte> Stopping => StoppingBytes;

    /// <summary>A line for each socket: its use and its address.</summary>
    public static byte[] Of(IEnumerable<ServerSocket> sockets) =>
        Encoding.ASCII.GetBytes(string.Join('\n', sockets.Select(s => $"{ServerSocket.NameOf(s.Use)} {s.EndPoint}")));

    /// <summary>Reads what <see cref="Of"/> has written; null for anything else.</summary>
    /// <param name="text">The message.</param>
    /// <param name="count">How many lines there must be.</param>
    public static IReadOnlyList<SocketUse>? UsesIn(ReadOnlySpan<byte> text, int count)
    {
        var uses = new List<SocketUse>(count);
        foreach (string line in Encoding.ASCII.GetString(text).Split('\n'))
        {
            string[] words = line.Split(' ');
            if (words.Length != 2 || !ServerSocket.TryParseUse(words[0], out SocketUse use) || !IPEndPoint.TryParse(words[1], out _))
                return null;
            uses.Add(use);
        }

        return uses.Count == count ? uses : null;
    }
}
