using System.Buffers.Binary;
using System.Text;

namespace RawEcho.Client.StartTls;

/// <summary>SSLRequest of MySQL and MariaDB (Client/Server Protocol, section "Connection Phase").</summary>
internal static class MySqlDialog
{
    private const int HeadBytes = 4, RequestBytes = 32;
    private const byte Version10 = 10, Error = 0xFF;
    private const uint Protocol41 = 0x200, Ssl = 0x800, SecureConnection = 0x8000, PluginAuthentication = 0x80000;

    public static async Task AskAsync(StartTlsDialog dialog)
    {
        byte[] head = await dialog.ReadAsync(HeadBytes);
        int length = head[0] | (head[1] << 8) | (head[2] << 16);
        if (head[3] != 0 || length is 0 or > 4096) throw StartTlsDialog.Unexpected(head);
        byte[] greeting = await dialog.ReadAsync(length);
        if (greeting[0] == Error) throw StartTlsDialog.Declined("The server answered with an error.", ErrorText(greeting));
        if (greeting[0] != Version10) throw StartTlsDialog.Unexpected([.. head, .. greeting]);
        if ((Capabilities(greeting) & Ssl) == 0)
            throw StartTlsDialog.Declined("The server does not offer TLS: its greeting lacks the capability CLIENT_SSL.");
        await dialog.SendAsync(Request());
    }

    // Behind the version, which a zero ends: connection id (4), random bytes (8), a zero, and the lower half of the capabilities.
    private static uint Capabilities(byte[] greeting)
    {
        const int beforeCapabilities = 13;
        int end = Array.IndexOf(greeting, (byte)0, 1);
        int at = end + 1 + beforeCapabilities;
        return end < 0 || at + 2 > greeting.Length ? 0u : BinaryPrimitives.ReadUInt16LittleEndian(greeting.AsSpan(at));
    }

    // Code (2), and with a protocol of today a number sign and five letters of state.
    private static string ErrorText(byte[] error)
    {
        const int beforeText = 3, stateBytes = 6;
        ReadOnlySpan<byte> text = error.AsSpan(Math.Min(beforeText, error.Length));
        if (text.Length > stateBytes && text[0] == '#') text = text[stateBytes..];
        return Encoding.Latin1.GetString(text);
    }

    private static byte[] Request()
    {
        const byte utf8 = 45;
        const uint largestPacket = 1 << 24;
        byte[] packet = new byte[HeadBytes + RequestBytes];
        packet[0] = RequestBytes;
        packet[3] = 1;
        Span<byte> body = packet.AsSpan(HeadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(body, Protocol41 | Ssl | SecureConnection | PluginAuthentication);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], largestPacket);
        body[8] = utf8;
        return packet;
    }
}
