using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using RawEcho.Testing;

namespace RawEcho.Client.Http.Tests.Support;

/// <summary>A server on a free port that does with each connection what the test tells it, over TCP or TLS.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _connections;

    /// <param name="serve">Serves one connection, which is closed when that is done.</param>
    public ScriptedServer(Func<Stream, Task> serve)
    {
        _listener.Start();
        _accepting = AcceptAsync(serve);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections so far, count.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Reads the head of a request, then sends an answer.</summary>
    public static ScriptedServer Answering(string answer) => new(async stream =>
    {
        await ReadHeadAsync(stream);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(answer));
    });

    /// <summary>Reads up to an empty line.</summary>
    /// <returns>What was read; empty when the peer has closed before.</returns>
    public static async Task<string> ReadHeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0) return "";
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <summary>Shakes hands, and gives the encrypted stream.</summary>
    public static async Task<SslStream> AuthenticateAsync(Stream stream, TestFiles files)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = files.ServerCertificate });
        return tls;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.WithinLimit();
        _stop.Dispose();
    }

    private async Task AcceptAsync(Func<Stream, Task> serve)
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                serving.Add(ServeAsync(client, serve));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Stopped: while it waits, or, of another kind, between two connections.
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client, Func<Stream, Task> serve)
    {
        using (client)
        {
            await using CancellationTokenRegistration stopped = _stop.Token.Register(client.Dispose);
            try
            {
                await serve(client.GetStream());
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or System.Security.Authentication.AuthenticationException
                or InvalidOperationException)
            {
                // The client has gone, or the test is over.
            }
        }
    }
}
