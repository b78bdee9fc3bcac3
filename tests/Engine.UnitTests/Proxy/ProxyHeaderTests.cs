using System.Net;
using System.Net.Sockets;
using System.Text;
using RawEcho.Engine.Proxy;
using RawEcho.Testing;

namespace RawEcho.Engine.UnitTests.Proxy;

/// <summary>The PROXY protocol, from the examples and rules of its specification.</summary>
public class ProxyHeaderTests
{
    private const int Most = 4096;
    private const string LongestAddress = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

    public static TheoryData<string> GoodLines =>
    [
        "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
        $"PROXY TCP6 {LongestAddress} {LongestAddress} 65535 65535\r\n",
        "PROXY UNKNOWN\r\n",
        $"PROXY UNKNOWN {LongestAddress} {LongestAddress} 65535 65535\r\n",
        "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n",
        "PROXY TCP6 ::1 2001:db8::2 1 0\r\n",
    ];

    public static TheoryData<string, string> BadLines => new()
    {
        { "PROXY TCP4 192.168.0.1 192.168.0.11 56324 65536\r\n", "'65536' is no port" },
        { "PROXY TCP4 192.168.0.1 192.168.0.11 56324 0443\r\n", "'0443' is no port" },
        { "PROXY TCP4 192.168.0.1 192.168.0.11 -1 443\r\n", "'-1' is no port" },
        { "PROXY TCP4 192.168.0.256 192.168.0.11 56324 443\r\n", "'192.168.0.256' is no address of TCP4" },
        { "PROXY TCP4 192.168.1 192.168.0.11 56324 443\r\n", "'192.168.1' is no address" },
        { "PROXY TCP4 0x7f.0.0.1 192.168.0.11 56324 443\r\n", "is no address" },
        { "PROXY TCP4 ::1 ::1 56324 443\r\n", "'::1' is no address of TCP4" },
        { "PROXY TCP6 127.0.0.1 ::1 56324 443\r\n", "'127.0.0.1' is no address of TCP6" },
        { "PROXY TCP6 fe80::1%eth0 ::1 56324 443\r\n", "is no address of TCP6" },
        { "PROXY TCP6 [::1] ::1 56324 443\r\n", "is no address of TCP6" },
        { "PROXY TCP5 ::1 ::1 56324 443\r\n", "'TCP5' is none of" },
        { "PROXY tcp4 192.168.0.1 192.168.0.11 56324 443\r\n", "'tcp4' is none of" },
        { "PROXY TCP4  192.168.0.1 192.168.0.11 56324 443\r\n", "one space" },
        { "PROXY TCP4 192.168.0.1 192.168.0.11 56324\r\n", "one space" },
        { "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443 \r\n", "one space" },
        { "PROXY \r\n", "'' is none of" },
        { $"PROXY UNKNOWN {new string('x', 200)}", "does not end within 107 bytes" },
    };

    public static TheoryData<string, byte[]> BadHeaders => new()
    {
        { "version is 1", ProxyBytes.Version2(0x11, ProxyBytes.Tcp4, new byte[12]) },
        { "command is 2", ProxyBytes.Version2(0x22, ProxyBytes.Tcp4, new byte[12]) },
        { "family 0x41", ProxyBytes.Version2(ProxyBytes.Proxied, 0x41, new byte[12]) },
        { "family 0x13", ProxyBytes.Version2(ProxyBytes.Proxied, 0x13, new byte[12]) },
        { "addresses need 12 bytes, and it has 11", ProxyBytes.Version2(ProxyBytes.Proxied, ProxyBytes.Tcp4, new byte[11]) },
        { "addresses need 36 bytes, and it has 12", ProxyBytes.Version2(ProxyBytes.Proxied, ProxyBytes.Tcp6, new byte[12]) },
        { "addresses need 216 bytes, and it has 0", ProxyBytes.Version2(ProxyBytes.Proxied, ProxyBytes.Unix, []) },
        { "it has 4097 bytes, and 4096 are allowed", ProxyBytes.Version2(ProxyBytes.Local, ProxyBytes.Unspecified, new byte[4081]) },
        { "cut off", ProxyBytes.Version2("192.0.2.1", 1, "192.0.2.2", 2, [0x04, 0, 5, 1, 2]) },
        { "cut off", ProxyBytes.Version2("192.0.2.1", 1, "192.0.2.2", 2, [0x04, 0]) },
        { "checksum", ProxyBytes.WithChecksum(ProxyBytes.Version2("192.0.2.1", 1, "192.0.2.2", 2), flip: 1) },
        { "checksum", ProxyBytes.Version2("192.0.2.1", 1, "192.0.2.2", 2, ProxyBytes.Value(0x03, [1, 2, 3])) },
        { "unique id has 129 bytes", ProxyBytes.Version2("192.0.2.1", 1, "192.0.2.2", 2, ProxyBytes.Value(0x05, new byte[129])) },
        { "TLS is cut off", ProxyBytes.Version2("192.0.2.1", 1, "192.0.2.2", 2, ProxyBytes.Value(0x20, [1, 0, 0, 0])) },
        { "cut off", ProxyBytes.Version2("192.0.2.1", 1, "192.0.2.2", 2, ProxyBytes.Value(0x20, [1, 0, 0, 0, 0, 0x21, 0, 9, 1])) },
        { "twice what TLS", ProxyBytes.Version2("192.0.2.1", 1, "192.0.2.2", 2, ProxyBytes.Tls(7, 0, "alice"), ProxyBytes.Tls(1, 0)) },
        { "names the client twice", ProxyBytes.Version2("192.0.2.1", 1, "192.0.2.2", 2, ProxyBytes.Tls(7, 0, "alice", "bob")) },
    };

    [Theory]
    [MemberData(nameof(GoodLines))]
    public void A_line_of_version_1_is_read_whole_and_what_follows_is_not_touched(string line)
    {
        byte[] data = Encoding.ASCII.GetBytes(line + "GET / HTTP/1.1\r\n");
        Assert.Equal(ProxyParse.Complete, Parse(data, out ProxyHeader? header, out int length, out _));
        Assert.Equal((line.Length, 1, false), (length, header!.Version, header.IsLocal));
        string[] words = line.Trim().Split(' ');
        bool isKnown = words[1] != "UNKNOWN";
        Assert.Equal(isKnown ? new IPEndPoint(IPAddress.Parse(words[2]), int.Parse(words[4])) : null, header.Source);
        Assert.Equal(isKnown ? new IPEndPoint(IPAddress.Parse(words[3]), int.Parse(words[5])) : null, header.Destination);
        AssertPrefixesAreIncomplete(data[..length]);
    }

    [Theory]
    [MemberData(nameof(BadLines))]
    public void A_line_that_breaks_a_rule_is_invalid_and_says_which(string line, string problem)
    {
        Assert.Equal(ProxyParse.Invalid, Parse(Encoding.ASCII.GetBytes(line), out ProxyHeader? header, out _, out string told));
        Assert.Null(header);
        Assert.Contains(problem, told, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void A_header_of_version_2_that_breaks_a_rule_is_invalid_and_says_which(string problem, byte[] data)
    {
        Assert.Equal(ProxyParse.Invalid, Parse(data, out ProxyHeader? header, out _, out string told));
        Assert.Null(header);
        Assert.Contains(problem, told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.254")]
    [InlineData("2001:db8::1", "2001:db8::ffff")]
    public void A_header_of_version_2_has_the_addresses(string source, string destination)
    {
        byte[] data = ProxyBytes.Version2(source, 54321, destination, 443);
        Assert.Equal(ProxyParse.Complete, Parse([.. data, 1, 2, 3], out ProxyHeader? header, out int length, out _));
        Assert.Equal((data.Length, 2, false), (length, header!.Version, header.IsLocal));
        Assert.Equal(new IPEndPoint(IPAddress.Parse(source), 54321), header.Source);
        Assert.Equal(new IPEndPoint(IPAddress.Parse(destination), 443), header.Destination);
        AssertPrefixesAreIncomplete(data);
    }

    [Theory]
    [InlineData(ProxyBytes.Local, ProxyBytes.Tcp4, 12)]
    [InlineData(ProxyBytes.Local, ProxyBytes.Tcp4, 0)]
    [InlineData(ProxyBytes.Local, ProxyBytes.Unspecified, 0)]
    [InlineData(ProxyBytes.Proxied, ProxyBytes.Unspecified, 0)]
    [InlineData(ProxyBytes.Proxied, 0x12, 12)]
    public void Without_a_client_of_TCP_there_are_no_addresses(byte command, byte family, int bytes)
    {
        // Without the addresses of its family nothing can follow them.
        byte[][] values = bytes == 0 && family != ProxyBytes.Unspecified ? [] : [ProxyBytes.Value(0x02, "echo.example")];
        byte[] data = ProxyBytes.Version2(command, family, new byte[bytes], values);
        Assert.Equal(ProxyParse.Complete, Parse(data, out ProxyHeader? header, out _, out _));
        Assert.Equal((command == ProxyBytes.Local, values.Length > 0 ? "echo.example" : null), (header!.IsLocal, header.Authority));
        Assert.Null(header.Source);
        Assert.Null(header.Destination);
    }

    [Fact]
    public void A_client_over_a_UNIX_socket_has_a_path()
    {
        byte[] addresses = new byte[216];
        "/run/client.sock"u8.CopyTo(addresses);
        "/run/proxy.sock"u8.CopyTo(addresses.AsSpan(108));
        byte[] data = ProxyBytes.Version2(ProxyBytes.Proxied, ProxyBytes.Unix, addresses);
        Assert.Equal(ProxyParse.Complete, Parse(data, out ProxyHeader? header, out _, out _));
        Assert.Equal("/run/client.sock", $"{header!.Source}");
        Assert.Equal("/run/proxy.sock", $"{header.Destination}");
        Assert.Equal(AddressFamily.Unix, header.Source!.AddressFamily);
    }

    [Fact]
    public void Values_are_read_and_unknown_ones_passed_over()
    {
        byte[] data = ProxyBytes.WithChecksum(ProxyBytes.Version2(
            "192.0.2.1", 1, "192.0.2.2", 2,
            ProxyBytes.Value(0x04, new byte[7]), ProxyBytes.Value(0xEA, "vpce-08d2bf15fac5001c9"), ProxyBytes.Value(0x01, "h2"),
            ProxyBytes.Value(0x02, "echo.example\x1b[31m"), ProxyBytes.Value(0x05, [0, 255]), ProxyBytes.Value(0x30, "blue"),
            ProxyBytes.Value(
                0x20,
                [
                    0x07, 0, 0, 0, 0, .. ProxyBytes.Value(0x21, "TLSv1.3"), .. ProxyBytes.Value(0x22, "client 7"),
                    .. ProxyBytes.Value(0x23, "TLS_AES_128_GCM_SHA256"), .. ProxyBytes.Value(0x24, "SHA256"),
                    .. ProxyBytes.Value(0x25, "EC256"), .. ProxyBytes.Value(0x2F, "later"),
                ])));
        Assert.Equal(ProxyParse.Complete, Parse(data, out ProxyHeader? header, out int length, out _));
        Assert.Equal(data.Length, length);
        // What could steer a terminal is shown as a question mark.
        Assert.Equal(("h2", "echo.example?[31m", "blue"), (header!.ApplicationProtocol, header.Authority, header.NetworkNamespace));
        Assert.Equal([0, 255], header.UniqueId.ToArray());
        var tls = new ProxyTls
        {
            WasUsed = true,
            HasCertificate = true,
            HasSessionCertificate = true,
            IsVerified = true,
            Version = "TLSv1.3",
            CommonName = "client 7",
            Cipher = "TLS_AES_128_GCM_SHA256",
            SignatureAlgorithm = "SHA256",
            KeyAlgorithm = "EC256",
        };
        Assert.Equal(tls, header.Tls);
    }

    [Theory]
    [InlineData(0x01, 0, false, false)]
    [InlineData(0x03, 0, true, true)]
    [InlineData(0x05, 0, true, true)]
    [InlineData(0x07, 1, true, false)]
    public void Verified_is_only_a_certificate_that_there_is(byte client, byte verify, bool has, bool verified)
    {
        byte[] data = ProxyBytes.Version2("192.0.2.1", 1, "192.0.2.2", 2, ProxyBytes.Value(0x20, [client, 0, 0, 0, verify]));
        Assert.Equal(ProxyParse.Complete, Parse(data, out ProxyHeader? header, out _, out _));
        Assert.Equal((true, has, verified), (header!.Tls!.WasUsed, header.Tls.HasSessionCertificate, header.Tls.IsVerified));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("\u0016\u0003\u0001")]
    [InlineData("PROXIMA")]
    [InlineData("proxy TCP4 1.1.1.1 1.1.1.1 1 1\r\n")]
    [InlineData("\r\n\r\nGET /")]
    public void Everything_else_is_no_header(string text) =>
        Assert.Equal(ProxyParse.Absent, Parse(Encoding.Latin1.GetBytes(text), out _, out _, out _));

    [Fact]
    public void Whatever_comes_nothing_throws_and_nothing_is_read_beyond_the_end()
    {
        var random = new Random(20261128);
        byte[][] seeds =
        [
            .. GoodLines.Select(l => Encoding.ASCII.GetBytes(l.Data)), .. BadHeaders.Select(b => b.Data.Item2),
            ProxyBytes.WithChecksum(ProxyBytes.Version2(
                "2001:db8::1", 1, "2001:db8::2", 2, ProxyBytes.Value(0x20, [7, 0, 0, 0, 0, .. ProxyBytes.Value(0x22, "client")]))),
        ];
        for (int i = 0; i < 100_000; i++)
        {
            byte[] data = [.. seeds[random.Next(seeds.Length)]];
            for (int flips = random.Next(6); flips > 0; flips--) data[random.Next(data.Length)] = (byte)random.Next(256);
            data = data[..random.Next(data.Length + 1)];
            ProxyParse parse = Parse(data, out ProxyHeader? header, out int length, out string problem);
            Assert.Equal(parse == ProxyParse.Complete, header is not null);
            Assert.Equal(parse == ProxyParse.Invalid, problem.Length > 0);
            if (parse == ProxyParse.Complete) Assert.InRange(length, 1, data.Length);
        }
    }

    [Theory]
    [InlineData(1, "192.0.2.1", "192.0.2.2")]
    [InlineData(1, "2001:db8::1", "2001:db8::2")]
    [InlineData(1, "192.0.2.1", "2001:db8::2")]
    [InlineData(2, "192.0.2.1", "192.0.2.2")]
    [InlineData(2, "2001:db8::1", "2001:db8::2")]
    [InlineData(2, "::ffff:192.0.2.1", "192.0.2.2")]
    [InlineData(2, "192.0.2.1", "2001:db8::2")]
    public void What_is_written_is_read_again(int version, string source, string destination)
    {
        var written = new ProxyHeader
        {
            Version = version,
            Source = new IPEndPoint(IPAddress.Parse(source), 1234),
            Destination = new IPEndPoint(IPAddress.Parse(destination), 443),
        };
        byte[] data = ProxyHeaderWriter.Write(written);
        Assert.Equal(ProxyParse.Complete, Parse(data, out ProxyHeader? header, out int length, out string problem));
        Assert.Equal((data.Length, string.Empty), (length, problem));
        var from = (IPEndPoint)PlainAddress.Of(written.Source)!;
        bool isPair = from.AddressFamily == written.Destination.AddressFamily;
        Assert.Equal(isPair ? from : null, header!.Source);
        Assert.Equal(isPair ? written.Destination : null, header.Destination);
        byte[] local = ProxyHeaderWriter.Write(written with { IsLocal = true });
        Assert.Equal(ProxyParse.Complete, Parse(local, out header, out _, out _));
        Assert.Equal((version == 2, (EndPoint?)null), (header!.IsLocal, header.Source));
    }

    private static ProxyParse Parse(byte[] data, out ProxyHeader? header, out int length, out string problem) =>
        ProxyHeaderParser.Parse(data, Most, out header, out length, out problem);

    private static void AssertPrefixesAreIncomplete(byte[] header)
    {
        for (int i = 0; i < header.Length; i++) Assert.Equal(ProxyParse.Incomplete, Parse(header[..i], out _, out _, out _));
    }
}
