using System.Net;
using System.Text;

namespace RawEcho.Testing;

/// <summary>Headers of the PROXY protocol, put together byte by byte from its specification and not by the code under test.</summary>
public static class ProxyBytes
{
    public const byte Local = 0x20, Proxied = 0x21, Tcp4 = 0x11, Tcp6 = 0x21, Unix = 0x31, Unspecified = 0x00;

    private static readonly byte[] Signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>A header of version 2.</summary>
    public static byte[] Version2(byte command, byte family, byte[] addresses, params byte[][] values)
    {
        byte[] rest = [.. addresses, .. values.SelectMany(v => v)];
        return [.. Signature, command, family, (byte)(rest.Length >> 8), (byte)rest.Length, .. rest];
    }

    /// <summary>The usual one: TCP over IPv4.</summary>
    public static byte[] Version2(string source, int from, string destination, int to, params byte[][] values) =>
        Version2(Proxied, source.Contains(':', StringComparison.Ordinal) ? Tcp6 : Tcp4, Addresses(source, from, destination, to), values);

    /// <summary>A line of version 1.</summary>
    public static byte[] Version1(string source, int from, string destination, int to) =>
        Encoding.ASCII.GetBytes(FormattableString.Invariant($"PROXY TCP4 {source} {destination} {from} {to}\r\n"));

    public static byte[] Addresses(string source, int from, string destination, int to) =>
    [
        .. IPAddress.Parse(source).GetAddressBytes(), .. IPAddress.Parse(destination).GetAddressBytes(),
        (byte)(from >> 8), (byte)from, (byte)(to >> 8), (byte)to,
    ];

    /// <summary>A type-length-value triple.</summary>
    public static byte[] Value(byte type, params byte[] value) => [type, (byte)(value.Length >> 8), (byte)value.Length, .. value];

    public static byte[] Value(byte type, string value) => Value(type, Encoding.UTF8.GetBytes(value));

    /// <summary>What a proxy says of the TLS that it ended (PP2_TYPE_SSL).</summary>
    /// <param name="client">1 for TLS, 2 for a certificate in this connection, 4 for one in this session; added up.</param>
    /// <param name="verify">The result of its verification, 0 for accepted.</param>
    /// <param name="names">Common names.</param>
    public static byte[] Tls(byte client, int verify, params string[] names) => Value(
        0x20,
        [
            client, (byte)(verify >> 24), (byte)(verify >> 16), (byte)(verify >> 8), (byte)verify,
            .. Value(0x21, "TLSv1.3"), .. names.SelectMany(n => Value(0x22, n)),
        ]);

    /// <summary>The same header with a checksum at its end, right or wrong by the value of a bit.</summary>
    public static byte[] WithChecksum(byte[] header, uint flip = 0)
    {
        byte[] whole = [.. header, 0x03, 0, 4, 0, 0, 0, 0];
        int length = whole.Length - 16;
        (whole[14], whole[15]) = ((byte)(length >> 8), (byte)length);
        uint crc = Crc32C(whole) ^ flip;
        for (int i = 0; i < 4; i++) whole[whole.Length - 4 + i] = (byte)(crc >> (24 - (8 * i)));
        return whole;
    }

    // Bit by bit, from the polynomial (RFC 3720 appendix B.4).
    private static uint Crc32C(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }

        return ~crc;
    }
}
