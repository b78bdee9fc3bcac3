using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RawEcho.Engine.Proxy;

/// <summary>Writes headers of the PROXY protocol.</summary>
internal static class ProxyHeaderWriter
{
    /// <summary>The header that says who connects to whom, over IPv4 or IPv6; all else is UNKNOWN or UNSPEC.</summary>
    /// <param name="header">Version, addresses, and whether it is LOCAL; of the rest nothing is written.</param>
    public static byte[] Write(ProxyHeader header) => header.Version == 1 ? WriteText(header) : WriteBinary(header);

    private static byte[] WriteText(ProxyHeader header)
    {
        if (header.IsLocal || Pair(header) is not var (from, to)) return "PROXY UNKNOWN\r\n"u8.ToArray();
        int version = from.AddressFamily == AddressFamily.InterNetwork ? 4 : 6;
        return Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"PROXY TCP{version} {from.Address} {to.Address} {from.Port} {to.Port}\r\n"));
    }

    // With a checksum, which whoever reads it may trust or not.
    private static byte[] WriteBinary(ProxyHeader header)
    {
        const byte local = 0x20, proxied = 0x21, unspecified = 0x00, tcp4 = 0x11, tcp6 = 0x21;
        (IPEndPoint From, IPEndPoint To)? pair = header.IsLocal ? null : Pair(header);
        byte family = pair is null ? unspecified : pair.Value.From.AddressFamily == AddressFamily.InterNetwork ? tcp4 : tcp6;
        byte[] addresses = pair is var (from, to)
            ?
            [
                .. from.Address.GetAddressBytes(), .. to.Address.GetAddressBytes(),
                (byte)(from.Port >> 8), (byte)from.Port, (byte)(to.Port >> 8), (byte)to.Port,
            ]
            : [];
        byte[] checksum = [0x03, 0, sizeof(uint), 0, 0, 0, 0];
        byte[] whole =
        [
            .. ProxyHeaderParser.Signature, header.IsLocal ? local : proxied, family, 0, (byte)(addresses.Length + checksum.Length),
            .. addresses, .. checksum,
        ];
        BinaryPrimitives.WriteUInt32BigEndian(whole.AsSpan(whole.Length - sizeof(uint)), ProxyHeaderParser.Checksum(whole));
        return whole;
    }

    // Both of one family, as plain addresses.
    private static (IPEndPoint From, IPEndPoint To)? Pair(ProxyHeader header) =>
        PlainAddress.Of(header.Source) is IPEndPoint from && PlainAddress.Of(header.Destination) is IPEndPoint to
            && from.AddressFamily == to.AddressFamily
            ? (from, to)
            : null;
}
