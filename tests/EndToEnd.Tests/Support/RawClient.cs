using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using RawEcho.Testing;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>A client of the test's own, for what rawecho-client never does.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private RawClient(Socket socket, SslStream tls) => (Socket, Tls) = (socket, tls);

    public Socket Socket { get; }

    public SslStream Tls { get; }

    /// <summary>Connects, and no more.</summary>
    public static async Task<Socket> ConnectTcpAsync(IPEndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server).WithinLimit();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects with the good certificate.</summary>
    public static async Task<RawClient> ConnectAsync(
        IPEndPoint server, Certificates certificates, SslProtocols protocols = SslProtocols.None)
    {
        Socket socket = await ConnectTcpAsync(server);
        var client = new RawClient(socket, new SslStream(new NetworkStream(socket, ownsSocket: true)));
        try
        {
            await client.Tls.AuthenticateAsClientAsync(certificates.AsClient(protocols)).WithinLimit();
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends some bytes, and fails unless the same come back.</summary>
    public async Task EchoAsync(int bytes = 100)
    {
        byte[] message = RandomNumberGenerator.GetBytes(bytes);
        byte[] echo = new byte[bytes];
        ValueTask sent = Tls.WriteAsync(message);
        await Tls.ReadExactlyAsync(echo).WithinLimit();
        await sent.WithinLimit();
        Assert.True(message.AsSpan().SequenceEqual(echo), "The echo differs from what was sent.");
    }

    /// <summary>Waits until the other side has ended the connection, in whichever way; fails if it sends something first.</summary>
    public static async Task WaitForEndAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).WithinLimit());
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // That is an end too.
        }
    }

    /// <summary>Ends the connection with a reset.</summary>
    public static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }

    public ValueTask DisposeAsync() => Tls.DisposeAsync();
}
