using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using RawEcho.Testing;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>A server of the test's own on a free port, which does with each connection what the test tells it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _accepted = [];
    private readonly Func<Socket, Task> _serve;
    private readonly Task _accepting;

    /// <param name="serve">Serves one connection, whose socket is closed when that is done, or with the server.</param>
    public TestServer(Func<Socket, Task> serve)
    {
        _serve = serve;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    public string Address => EndPoint.ToString();

    /// <summary>One that shakes hands before it does what it is told.</summary>
    public static TestServer WithTls(
        Certificates certificates, Func<SslStream, Socket, Task> serve, SslProtocols protocols = SslProtocols.None) =>
        WithTls(certificates.AsServer(protocols), serve);

    /// <summary>One that shakes hands in a way of its own before it does what it is told.</summary>
    public static TestServer WithTls(SslServerAuthenticationOptions options, Func<SslStream, Socket, Task> serve) => new(async socket =>
    {
        await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: false));
        await stream.AuthenticateAsServerAsync(options);
        await serve(stream, socket);
    });

    /// <summary>Echoes until the peer has no more.</summary>
    public static async Task EchoAsync(Stream stream)
    {
        byte[] buffer = new byte[1 << 16];
        while (await stream.ReadAsync(buffer) is > 0 and var read) await stream.WriteAsync(buffer.AsMemory(0, read));
    }

    /// <summary>Takes what still comes until the peer closes: a socket that is closed with bytes in it says so with a reset.</summary>
    public static async Task DiscardAsync(Socket socket)
    {
        byte[] buffer = new byte[1 << 16];
        while (await socket.ReceiveAsync(buffer) > 0)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        lock (_accepted)
        {
            foreach (Socket socket in _accepted) socket.Dispose();
        }

        await _accepting.WithinLimit();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptAsync();
                lock (_accepted) _accepted.Add(socket);
                serving.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The listener is closed: that is how it ends.
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await _serve(socket);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            // The peer had enough, or the test has: what the peer says of it is what is tested.
        }
        finally
        {
            socket.Dispose();
        }
    }
}
