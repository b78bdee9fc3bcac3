using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Testing;

/// <summary>One way in which a peer makes a server hold memory. The table in docs/limits.md has a row for each of them.</summary>
/// <param name="Name">The row's first cell.</param>
/// <param name="Remains">True when the peer is gone before the server is measured, so that only what it left behind is counted.</param>
/// <param name="OpenAsync">Does it once; what it returns is disposed to end it.</param>
public sealed record StrangerLoad(string Name, bool Remains, Func<IPEndPoint, Task<IDisposable>> OpenAsync)
{
    /// <summary>Random bytes in a certificate that is nearly as large as the server accepts by default.</summary>
    public const int LargeBytes = 64_000;

    /// <summary>Options of a server that does not put such peers out while it is looked at.</summary>
    public static readonly string[] Patience = ["--handshake-timeout", "10m", "--idle-timeout", "off", "--write-timeout", "off"];

    // The largest ClientHello that OpenSSL accepts (RFC 8446 section 4.1.2: the fields at their largest, extensions of 64 KB), and nearly
    // the largest certificate chain.
    private const int LargestHello = 131_000;
    private const int LargestChain = 100_000;
    private const int ChainSent = 95_000;
    private const int RefusedBytes = 60_000;

    private const byte HelloMessage = 1;
    private const byte CertificateMessage = 11;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>All of them.</summary>
    /// <param name="issue">Gives a certificate that the server accepts, with so many bytes of padding in it.</param>
    public static IReadOnlyList<StrangerLoad> All(Func<int, X509Certificate2> issue) =>
    [
        new("silent connection", false, async server => await SendAsync(server, [])),
        new("half handshake, TLS 1.2", false, server => GreetAsync(server, SslProtocols.Tls12)),
        new("half handshake, TLS 1.3", false, server => GreetAsync(server, SslProtocols.Tls13)),
        new(
            "half handshake that announces a ClientHello of 131,000 bytes",
            false,
            async server => await SendAsync(server, Record(Announce(HelloMessage, LargestHello)))),
        new("half handshake with a chain of 100,000 bytes on its way", false, SendChainAsync),
        new("open connection", false, Keep(issue, 0)),
        new("open connection, certificate of 64,000 bytes", false, Keep(issue, LargeBytes)),
        new("reader that does not read", false, Stuff(issue)),
        new("download that is not read", false, Download(issue)),
        new(
            "refused handshake, TLS 1.2 (after its end)",
            true,
            Visit(() => TestPki.SelfSigned(new Leaf()), SslProtocols.Tls12, tickets: false)),
        new(
            "refused handshake, TLS 1.2, certificate of 60,000 bytes (after its end)",
            true,
            Visit(() => TestPki.SelfSigned(new Leaf { Padding = RefusedBytes }), SslProtocols.Tls12, tickets: false)),
        new(
            "refused handshake, TLS 1.3, certificate of 60,000 bytes (after its end)",
            true,
            Visit(() => TestPki.SelfSigned(new Leaf { Padding = RefusedBytes }), SslProtocols.Tls13, tickets: false)),
        new("session, TLS 1.2, no ticket (after its end)", true, Visit(() => issue(0), SslProtocols.Tls12, tickets: false)),
        new("session, TLS 1.2, ticket (after its end)", true, Visit(() => issue(0), SslProtocols.Tls12, tickets: true)),
        new("session, TLS 1.3, no ticket (after its end)", true, Visit(() => issue(0), SslProtocols.Tls13, tickets: false)),
        new("session, TLS 1.3, ticket (after its end)", true, Visit(() => issue(0), SslProtocols.Tls13, tickets: true)),
    ];

    private static Func<IPEndPoint, Task<IDisposable>> Keep(Func<int, X509Certificate2> issue, int padding) => async server =>
    {
        using var peer = new TlsPeer("open", issue(padding), SslProtocols.Tls13, tickets: false);
        return await peer.OpenAsync(server, Limit);
    };

    private static Func<IPEndPoint, Task<IDisposable>> Stuff(Func<int, X509Certificate2> issue) => async server =>
    {
        using var peer = new TlsPeer("reader that does not read", issue(0), SslProtocols.Tls13, tickets: false);
        return await peer.OpenStuffedAsync(server, Limit);
    };

    private static Func<IPEndPoint, Task<IDisposable>> Download(Func<int, X509Certificate2> issue) => async server =>
    {
        using var peer = new TlsPeer("download that is not read", issue(0), SslProtocols.Tls13, tickets: false);
        return await peer.OpenUnreadAsync(server, new SslApplicationProtocol("rawecho-download"), Limit);
    };

    private static Func<IPEndPoint, Task<IDisposable>> Visit(
        Func<X509Certificate2> certificate, SslProtocols version, bool tickets) => async server =>
    {
        var peer = new TlsPeer("visitor", certificate(), version, tickets);
        await peer.ConnectAsync(server, Limit);
        return peer;
    };

    private static async Task<IDisposable> GreetAsync(IPEndPoint server, SslProtocols version)
    {
        Socket socket = await SendAsync(server, await ClientHello.MakeAsync(version));
        await ReceiveAsync(socket);
        return socket;
    }

    // In TLS 1.2 a certificate comes in the clear (RFC 5246 section 7.4.6), so that it takes no key to begin one.
    private static async Task<IDisposable> SendChainAsync(IPEndPoint server)
    {
        const int recordBytes = 1 << 14;
        var socket = (Socket)await GreetAsync(server, SslProtocols.Tls12);
        byte[] message = new byte[ChainSent];
        Announce(CertificateMessage, LargestChain).CopyTo(message, 0);
        foreach (byte[] part in message.Chunk(recordBytes)) await socket.SendAsync(Record(part));
        return socket;
    }

    private static async Task<Socket> SendAsync(IPEndPoint server, byte[] bytes)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server);
        await socket.SendAsync(bytes);
        return socket;
    }

    // The first piece of the server's flight is enough: it is written at once.
    private static async Task ReceiveAsync(Socket socket)
    {
        using var timeout = new CancellationTokenSource(Limit);
        if (await socket.ReceiveAsync(new byte[1 << 14], timeout.Token) == 0)
            throw new IOException("The server ended a handshake that had begun well.");
    }

    // The header of a handshake message: its type, and how long it will be (RFC 8446 section 4).
    private static byte[] Announce(byte type, int length) => [type, (byte)(length >> 16), (byte)(length >> 8), (byte)length];

    // A record of a handshake in the clear (RFC 8446 section 5.1).
    private static byte[] Record(byte[] content) => [22, 3, 3, (byte)(content.Length >> 8), (byte)content.Length, .. content];
}
