using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RawEcho.Testing;

/// <summary>How a handshake of a <see cref="TlsPeer"/> ended.</summary>
public enum PeerOutcome
{
    /// <summary>Its echo came back after a full handshake.</summary>
    Full,

    /// <summary>Its echo came back after a handshake that resumed a session: the certificate was not sent again.</summary>
    Resumed,

    /// <summary>The server ended the connection before an echo.</summary>
    Refused,
}

/// <summary>
/// A client that connects repeatedly with one certificate and one version of TLS. With tickets it resumes its sessions. Without them
/// its ClientHello has no session_ticket extension (TLS 1.2, RFC 5077), so that a server could keep the session only in its own memory.
/// </summary>
public sealed class TlsPeer : IDisposable
{
    private static readonly byte[] Message = "hello"u8.ToArray();

    private readonly X509Certificate2? _certificate;
    private readonly SslClientAuthenticationOptions _options;

    /// <param name="name">For messages.</param>
    /// <param name="certificate">What it shows, with its private key; null for nothing. It is disposed with the peer.</param>
    /// <param name="version">One version of TLS.</param>
    /// <param name="tickets">Whether it takes tickets, and resumes sessions by them.</param>
    public TlsPeer(string name, X509Certificate2? certificate, SslProtocols version, bool tickets)
    {
        (Name, _certificate) = (name, certificate);
        _options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = version,
            AllowTlsResume = tickets,
            ClientCertificateContext =
                certificate is null ? null : SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
#pragma warning disable CA5359 // It is the server that is tested, on loopback.
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
        };
    }

    public string Name { get; }

    /// <summary>A peer whose certificate nobody vouches for, with so many random bytes in it.</summary>
    public static TlsPeer SelfSigned(int padding, SslProtocols version, bool tickets) =>
        new(
            $"self-signed with {padding} bytes", TestPki.SelfSigned(new Leaf { Subject = "CN=stranger", Padding = padding }),
            version, tickets);

    /// <summary>Connects, asks for one echo, and leaves: half of the time in order, and otherwise without close_notify.</summary>
    /// <exception cref="TimeoutException">The server neither answered nor ended the connection.</exception>
    public async Task<PeerOutcome> ConnectAsync(IPEndPoint server, TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, timeout.Token);
            var network = new CountingStream(socket);
            await using var tls = new SslStream(network);
            await tls.AuthenticateAsClientAsync(_options, timeout.Token);
            long handshake = network.Written;
            await EchoAsync(tls, timeout.Token);
            if (handshake % 2 == 0) await tls.ShutdownAsync();
            return _certificate is not null && handshake - network.FirstWrite < _certificate.RawData.Length
                ? PeerOutcome.Resumed
                : PeerOutcome.Full;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException)
        {
            return PeerOutcome.Refused;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"After {limit.TotalSeconds:0} s the server had neither answered nor refused {Name}.");
        }
    }

    /// <summary>Connects, asks for one echo, and stays.</summary>
    /// <returns>Disposed, it ends the connection without close_notify.</returns>
    public async Task<IDisposable> OpenAsync(IPEndPoint server, TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        return await OpenAsync(server, small: false, timeout.Token);
    }

    /// <summary>Connects, and sends without reading until the server takes no more.</summary>
    /// <returns>Disposed, it ends the connection without close_notify.</returns>
    public async Task<IDisposable> OpenStuffedAsync(IPEndPoint server, TimeSpan limit)
    {
        const int block = 1 << 14;
        var patience = TimeSpan.FromMilliseconds(500);
        using var timeout = new CancellationTokenSource(limit);
        SslStream tls = await OpenAsync(server, small: true, timeout.Token);
        byte[] data = new byte[block];
        while (true)
        {
            Task write = tls.WriteAsync(data, timeout.Token).AsTask();
            if (await Task.WhenAny(write, Task.Delay(patience, CancellationToken.None)) != write) return tls;
            await write;
        }
    }

    /// <summary>Connects, asks for a protocol (ALPN) by which the server sends, and never reads.</summary>
    /// <returns>Disposed, it ends the connection without close_notify.</returns>
    public async Task<IDisposable> OpenUnreadAsync(IPEndPoint server, SslApplicationProtocol protocol, TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        _options.ApplicationProtocols = [protocol];
        SslStream tls = await HandshakeAsync(server, small: true, timeout.Token);
        if (tls.NegotiatedApplicationProtocol != protocol) throw new IOException($"The server does not speak {protocol}.");
        // One byte, so that the server is known to send; what it sends then piles up.
        await tls.ReadExactlyAsync(new byte[1], timeout.Token);
        return tls;
    }

    // Small buffers in the kernel: there what is not read would pile up first.
    private async Task<SslStream> OpenAsync(IPEndPoint server, bool small, CancellationToken cancellation)
    {
        SslStream tls = await HandshakeAsync(server, small, cancellation);
        await EchoAsync(tls, cancellation);
        return tls;
    }

    private async Task<SslStream> HandshakeAsync(IPEndPoint server, bool small, CancellationToken cancellation)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (small) socket.ReceiveBufferSize = socket.SendBufferSize = 1 << 14;
        await socket.ConnectAsync(server, cancellation);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await tls.AuthenticateAsClientAsync(_options, cancellation);
        return tls;
    }

    private async Task EchoAsync(SslStream tls, CancellationToken cancellation)
    {
        await tls.WriteAsync(Message, cancellation);
        byte[] echo = new byte[Message.Length];
        await tls.ReadExactlyAsync(echo, cancellation);
        if (!echo.AsSpan().SequenceEqual(Message)) throw new InvalidDataException($"The echo for {Name} differs from what it sent.");
    }

    /// <summary>Connects, and then sends and never reads, until the server has ended the connection or the time is over.</summary>
    /// <returns>Bytes that went out before that.</returns>
    public async Task<long> SendWithoutReadingAsync(IPEndPoint server, CancellationToken until)
    {
        const int block = 1 << 14;
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        long sent = 0;
        try
        {
            await socket.ConnectAsync(server, until);
            await using var tls = new SslStream(new NetworkStream(socket, ownsSocket: false));
            await tls.AuthenticateAsClientAsync(_options, until);
            for (byte[] data = new byte[block]; ; sent += block) await tls.WriteAsync(data, until);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException or OperationCanceledException)
        {
            return sent;
        }
    }

    public void Dispose() => _certificate?.Dispose();

    // The first write is the ClientHello, which may hold a ticket. What comes after it tells whether a certificate was sent.
    private sealed class CountingStream(Socket socket) : NetworkStream(socket, ownsSocket: false)
    {
        public long Written { get; private set; }

        public long FirstWrite { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (FirstWrite == 0) FirstWrite = buffer.Length;
            Written += buffer.Length;
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
