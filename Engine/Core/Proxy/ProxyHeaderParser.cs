using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text;
using RawEcho.Engine.Certificates;

namespace RawEcho.Engine.Proxy;

/// <summary>What the first bytes of a connection are.</summary>
internal enum ProxyParse
{
    /// <summary>The beginning of a header: more has to come.</summary>
    Incomplete,

    /// <summary>A whole header.</summary>
    Complete,

    /// <summary>No header.</summary>
    Absent,

    /// <summary>A header that breaks a rule of the protocol.</summary>
    Invalid,
}

/// <summary>Reads headers of the PROXY protocol, version 1 (section 2.1) and 2 (section 2.2).</summary>
internal static class ProxyHeaderParser
{
    /// <summary>The longest line of version 1, with its end (section 2.1).</summary>
    public const int MaxTextBytes = 107;

    /// <summary>Signature, version and command, family, length.</summary>
    public const int BinaryPrefixBytes = 16;

    /// <summary>A UNIX address, which is filled up with zeros.</summary>
    internal const int UnixPathBytes = 108;

    private const int MaxUniqueIdBytes = 128;
    private const int TlvPrefixBytes = 3;

    private static ReadOnlySpan<byte> TextStart => "PROXY "u8;

    /// <summary>The twelve bytes that begin version 2.</summary>
    public static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Looks at what has come.</summary>
    /// <param name="data">The first bytes of the connection, all that there are.</param>
    /// <param name="maxBytes">The longest header that is read, bytes.</param>
    /// <param name="header">The header, when it is complete.</param>
    /// <param name="length">Its length, bytes.</param>
    /// <param name="problem">What is wrong with it, when it is invalid: the end of a sentence.</param>
    public static ProxyParse Parse(ReadOnlySpan<byte> data, int maxBytes, out ProxyHeader? header, out int length, out string problem)
    {
        (header, length, problem) = (null, 0, string.Empty);
        bool isBinary = Begins(data, Signature);
        if (!isBinary && !Begins(data, TextStart)) return ProxyParse.Absent;
        if (data.Length < (isBinary ? Signature : TextStart).Length) return ProxyParse.Incomplete;
        return isBinary
            ? ParseBinary(data, maxBytes, out header, out length, out problem)
            : ParseText(data, out header, out length, out problem);
    }

    // Either may be cut off. Nothing begins with both.
    private static bool Begins(ReadOnlySpan<byte> data, ReadOnlySpan<byte> start)
    {
        int common = Math.Min(data.Length, start.Length);
        return data[..common].SequenceEqual(start[..common]);
    }

    private static ProxyParse ParseText(ReadOnlySpan<byte> data, out ProxyHeader? header, out int length, out string problem)
    {
        (header, problem) = (null, string.Empty);
        ReadOnlySpan<byte> possible = data[..Math.Min(data.Length, MaxTextBytes)];
        int end = possible.IndexOf("\r\n"u8);
        length = end + 2;
        if (end < 0)
        {
            if (data.Length < MaxTextBytes) return ProxyParse.Incomplete;
            problem = $"its line does not end within {MaxTextBytes} bytes";
            return ProxyParse.Invalid;
        }

        string line = Encoding.Latin1.GetString(possible[..end]);
        string[] words = line.Split(' ');
        // What follows UNKNOWN is to be ignored.
        if (words[1] == "UNKNOWN")
        {
            header = new ProxyHeader { Version = 1 };
            return ProxyParse.Complete;
        }

        AddressFamily? family = words[1] switch
        {
            "TCP4" => AddressFamily.InterNetwork,
            "TCP6" => AddressFamily.InterNetworkV6,
            _ => null,
        };
        if (family is null) problem = $"its protocol '{words[1]}' is none of TCP4, TCP6 and UNKNOWN";
        else if (words.Length != 6) problem = "its line does not have two addresses and two ports with one space between them";
        else if (Address(words[2], family.Value) is not { } source) problem = $"'{words[2]}' is no address of {words[1]}";
        else if (Address(words[3], family.Value) is not { } destination) problem = $"'{words[3]}' is no address of {words[1]}";
        else if (Port(words[4]) is not { } from) problem = $"'{words[4]}' is no port";
        else if (Port(words[5]) is not { } to) problem = $"'{words[5]}' is no port";
        else header = new ProxyHeader { Version = 1, Source = new IPEndPoint(source, from), Destination = new IPEndPoint(destination, to) };
        return header is null ? ProxyParse.Invalid : ProxyParse.Complete;
    }

    // The platform reads more than the protocol allows: fewer than four numbers, other bases, zones, brackets.
    private static IPAddress? Address(string word, AddressFamily family)
    {
        bool isPlain = family == AddressFamily.InterNetwork
            ? word.Split('.') is { Length: 4 } parts && Array.TrueForAll(parts, p => IsNumber(p, byte.MaxValue))
            : word.Contains(':', StringComparison.Ordinal) && word.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.');
        return isPlain && IPAddress.TryParse(word, out IPAddress? address) && address.AddressFamily == family ? address : null;
    }

    private static int? Port(string word) =>
        IsNumber(word, IPEndPoint.MaxPort) ? int.Parse(word, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    // Decimal, without a zero in front (section 2.1).
    private static bool IsNumber(string word, int max) =>
        word.Length is > 0 and <= 5 && word.All(char.IsAsciiDigit) && (word.Length == 1 || word[0] != '0')
            && int.Parse(word, NumberStyles.None, CultureInfo.InvariantCulture) <= max;

    private static ProxyParse ParseBinary(
        ReadOnlySpan<byte> data, int maxBytes, out ProxyHeader? header, out int length, out string problem)
    {
        (header, length, problem) = (null, 0, string.Empty);
        if (data.Length < BinaryPrefixBytes) return ProxyParse.Incomplete;
        (int version, int command) = (data[12] >> 4, data[12] & 0x0F);
        (int family, int protocol) = (data[13] >> 4, data[13] & 0x0F);
        length = BinaryPrefixBytes + BinaryPrimitives.ReadUInt16BigEndian(data[14..]);
        if (version != 2) problem = $"its version is {version}, and not 2";
        else if (command > 1) problem = $"its command is {command}, and neither LOCAL nor PROXY";
        else if (family > 3 || protocol > 2) problem = $"its address family 0x{data[13]:X2} is none of the protocol's";
        else if (length > maxBytes) problem = $"it has {length} bytes, and {maxBytes} are allowed";
        if (problem.Length > 0) return ProxyParse.Invalid;
        if (data.Length < length) return ProxyParse.Incomplete;
        var read = new ProxyHeader { Version = 2, IsLocal = command == 0 };
        ReadOnlySpan<byte> rest = data[BinaryPrefixBytes..length];
        int addressBytes = family switch { 1 => 12, 2 => 36, 3 => 2 * UnixPathBytes, _ => 0 };
        // Of a connection of the proxy itself, and of one whose family it does not know, the addresses are to be ignored.
        bool hasAddresses = command == 1 && family != 0 && protocol != 0;
        if (rest.Length < addressBytes)
        {
            // A LOCAL header may leave them out, whatever family it names.
            if (command == 1 || rest.Length > 0)
            {
                problem = $"its addresses need {addressBytes} bytes, and it has {rest.Length}";
                return ProxyParse.Invalid;
            }

            addressBytes = 0;
        }

        // Of the stream protocols alone: what was UDP between client and proxy has no address of this connection.
        if (hasAddresses && protocol == 1) read = WithAddresses(read, family, rest);
        header = AddValues(read, rest[addressBytes..], data[..length], ref problem);
        return header is null ? ProxyParse.Invalid : ProxyParse.Complete;
    }

    private static ProxyHeader WithAddresses(ProxyHeader header, int family, ReadOnlySpan<byte> data)
    {
        const int four = 4, sixteen = 16;
        return family switch
        {
            1 => header with
            {
                Source = Ip(data[..four], data[8..]),
                Destination = Ip(data[four..8], data[10..]),
            },
            2 => header with
            {
                Source = Ip(data[..sixteen], data[32..]),
                Destination = Ip(data[sixteen..32], data[34..]),
            },
            _ => header with
            {
                Source = Unix(data[..UnixPathBytes]),
                Destination = Unix(data[UnixPathBytes..(2 * UnixPathBytes)]),
            },
        };
    }

    private static IPEndPoint Ip(ReadOnlySpan<byte> address, ReadOnlySpan<byte> port) =>
        new(new IPAddress(address), BinaryPrimitives.ReadUInt16BigEndian(port));

    // A client's socket seldom has a path. What begins with a zero is a name in the kernel, and none in the file system.
    private static UnixDomainSocketEndPoint? Unix(ReadOnlySpan<byte> path)
    {
        int end = path.IndexOf((byte)0);
        if (end == 0) return null;
        return new UnixDomainSocketEndPoint(PeerText.Clean(Encoding.UTF8.GetString(end < 0 ? path : path[..end])));
    }

    // Type-length-value triples (section 2.2).
    private static ProxyHeader? AddValues(ProxyHeader header, ReadOnlySpan<byte> data, ReadOnlySpan<byte> whole, ref string problem)
    {
        while (data.Length > 0)
        {
            if (Next(ref data, out byte type, out ReadOnlySpan<byte> value, ref problem) is false) return null;
            // NOOP, and whatever this version does not know, is to be passed over.
            switch (type)
            {
                case 0x01:
                    header = header with { ApplicationProtocol = Text(value) };
                    break;
                case 0x02:
                    header = header with { Authority = Text(value) };
                    break;
                case 0x03 when !IsChecksum(value, whole, whole.Length - data.Length - value.Length, ref problem):
                    return null;
                case 0x05 when value.Length > MaxUniqueIdBytes:
                    problem = $"its unique id has {value.Length} bytes, and {MaxUniqueIdBytes} are allowed";
                    return null;
                case 0x05:
                    header = header with { UniqueId = value.ToArray() };
                    break;
                // Which of them would count is for nobody to guess.
                case 0x20 when header.Tls is not null:
                    problem = "it says twice what TLS the proxy ended";
                    return null;
                case 0x20 when Tls(value, ref problem) is { } tls:
                    header = header with { Tls = tls };
                    break;
                case 0x20:
                    return null;
                case 0x30:
                    header = header with { NetworkNamespace = Text(value) };
                    break;
            }
        }

        return header;
    }

    private static bool Next(ref ReadOnlySpan<byte> data, out byte type, out ReadOnlySpan<byte> value, ref string problem)
    {
        type = 0;
        value = default;
        int length = data.Length < TlvPrefixBytes ? int.MaxValue - TlvPrefixBytes : BinaryPrimitives.ReadUInt16BigEndian(data[1..]);
        if (data.Length < TlvPrefixBytes + length)
        {
            problem = "a value in it is cut off";
            return false;
        }

        type = data[0];
        value = data.Slice(TlvPrefixBytes, length);
        data = data[(TlvPrefixBytes + length)..];
        return true;
    }

    // Over the whole header, with zeros in the place of the checksum (section 2.2.3).
    private static bool IsChecksum(ReadOnlySpan<byte> value, ReadOnlySpan<byte> whole, int at, ref string problem)
    {
        byte[] blank = whole.ToArray();
        blank.AsSpan(at, value.Length).Clear();
        bool isRight = value.Length == sizeof(uint) && BinaryPrimitives.ReadUInt32BigEndian(value) == Checksum(blank);
        if (!isRight) problem = "its checksum (CRC32c) is wrong";
        return isRight;
    }

    /// <summary>CRC32c of a header in which the checksum is zero.</summary>
    internal static uint Checksum(ReadOnlySpan<byte> header)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in header) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    private static ProxyTls? Tls(ReadOnlySpan<byte> data, ref string problem)
    {
        const int prefix = 1 + sizeof(uint);
        const int overTls = 0x01, ofConnection = 0x02, ofSession = 0x04;
        if (data.Length < prefix)
        {
            problem = "what it says of TLS is cut off";
            return null;
        }

        int client = data[0];
        bool hasCertificate = (client & (ofConnection | ofSession)) != 0;
        var tls = new ProxyTls
        {
            WasUsed = (client & overTls) != 0,
            HasCertificate = (client & ofConnection) != 0,
            HasSessionCertificate = hasCertificate,
            // Zero is success, also where there was nothing to verify.
            IsVerified = hasCertificate && BinaryPrimitives.ReadUInt32BigEndian(data[1..]) == 0,
        };
        data = data[prefix..];
        while (data.Length > 0)
        {
            if (!Next(ref data, out byte type, out ReadOnlySpan<byte> value, ref problem)) return null;
            if (type == 0x22 && tls.CommonName is not null)
            {
                problem = "it names the client twice";
                return null;
            }

            tls = type switch
            {
                0x21 => tls with { Version = Text(value) },
                0x22 => WithCommonName(tls, value),
                0x23 => tls with { Cipher = Text(value) },
                0x24 => tls with { SignatureAlgorithm = Text(value) },
                0x25 => tls with { KeyAlgorithm = Text(value) },
                _ => tls,
            };
        }

        return tls;
    }

    private static ProxyTls WithCommonName(ProxyTls tls, ReadOnlySpan<byte> value)
    {
        string name = Text(value);
        return tls with { CommonName = name, IsCommonNameAltered = !value.SequenceEqual(Encoding.UTF8.GetBytes(name)) };
    }

    // It is shown in logs and on terminals.
    private static string Text(ReadOnlySpan<byte> value) => PeerText.Clean(Encoding.UTF8.GetString(value));
}
