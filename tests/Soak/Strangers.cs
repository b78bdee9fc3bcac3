using System.Net;
using System.Net.Sockets;

namespace RawEcho.Soak;

/// <summary>
/// Peers that never present a certificate. How the server ends them is not checked, only that it holds nothing afterwards.
/// </summary>
internal sealed class Strangers(IPEndPoint server, byte[] hello)
{
    private const int Crowd = 42;
    private static readonly TimeSpan Stay = TimeSpan.FromMilliseconds(500);

    private static readonly byte[] Http = "GET / HTTP/1.1\r\n\r\n"u8.ToArray();

    /// <summary>A crowd of every kind at once, which leaves after half a second.</summary>
    public async Task VisitAsync()
    {
        var sockets = new List<Socket>();
        try
        {
            for (int i = 0; i < Crowd; i++)
            {
                Socket socket = await ConnectAsync();
                sockets.Add(socket);
                await BeginAsync(socket, i % 7);
            }

            await Task.Delay(Stay);
            for (int i = 4; i < Crowd; i += 7) await sockets[i].SendAsync(hello.AsMemory(hello.Length / 2));
            await Task.Delay(Stay);
        }
        catch (SocketException)
        {
            // The server may refuse strangers as it likes.
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
    }

    /// <summary>Half handshakes that stand until the server has had enough of them.</summary>
    public async Task StandAsync(CancellationToken until)
    {
        const int standing = 20;
        await Task.WhenAll(Enumerable.Range(0, standing).Select(async i =>
        {
            try
            {
                using Socket socket = await ConnectAsync();
                await socket.SendAsync(i % 2 == 0 ? hello : hello.AsMemory(0, hello.Length / 2));
                byte[] answer = new byte[1 << 14];
                while (await socket.ReceiveAsync(answer, until) > 0)
                {
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // It was reset, or the cycle is over.
            }
        }));
    }

    private async Task BeginAsync(Socket socket, int kind)
    {
        switch (kind)
        {
            case 0:
                break;
            case 1:
                await socket.SendAsync(Http);
                break;
            case 2:
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                break;
            case 3:
                await socket.SendAsync(hello);
                break;
            case 4:
                await socket.SendAsync(hello.AsMemory(0, hello.Length / 2));
                break;
            case 5:
                await socket.SendAsync(hello);
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                break;
            default:
                socket.Shutdown(SocketShutdown.Send);
                break;
        }
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
