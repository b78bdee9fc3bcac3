using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>A peer that has said all it had to say still gets everything back.</summary>
public sealed class HalfCloseTests(Certificates certificates)
{
    private const int Length = 1 << 20;

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task After_close_notify_the_echo_still_arrives_in_full(SslProtocols protocol)
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--verbose");
        byte[] message = RandomNumberGenerator.GetBytes(Length);
        byte[] echo;
        await using (RawClient client = await RawClient.ConnectAsync(server.EndPoint, certificates, protocol))
        {
            Task sent = SendAsync(client);
            echo = await ReadToEndAsync(client.Tls).WithinLimit();
            await sent.WithinLimit();
        }

        Assert.True(message.AsSpan().SequenceEqual(echo), $"{echo.Length} of {Length} bytes came back, or others.");
        await server.WaitForEndingsAsync("PeerClosed.", 1);
        ProgramResult report = await server.StopAsync();
        report.WithOutput($"SslProtocol: {protocol}").WithOutput("Endings: PeerClosed 1");
        Assert.Equal(Length, report.Number("Bytes sent"));

        async Task SendAsync(RawClient client)
        {
            await client.Tls.WriteAsync(message);
            await client.Tls.ShutdownAsync();
        }
    }

    [Fact]
    public async Task Without_TLS_a_FIN_does_the_same()
    {
        await using RunningServer server = await RunningServer.StartAsync("--listen", "127.0.0.1:0", "--tls", "none", "--verbose");
        byte[] message = RandomNumberGenerator.GetBytes(Length);
        using Socket socket = await RawClient.ConnectTcpAsync(server.EndPoint);
        await using var stream = new NetworkStream(socket);
        Task sent = SendAsync();
        byte[] echo = await ReadToEndAsync(stream).WithinLimit();
        await sent.WithinLimit();
        Assert.True(message.AsSpan().SequenceEqual(echo), $"{echo.Length} of {Length} bytes came back, or others.");
        await server.WaitForEndingsAsync("PeerClosed.", 1);
        await server.StopAsync();

        async Task SendAsync()
        {
            await stream.WriteAsync(message);
            socket.Shutdown(SocketShutdown.Send);
        }
    }

    [Fact]
    public async Task A_FIN_without_close_notify_is_told_apart_from_a_goodbye()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--verbose");
        await using (RawClient client = await RawClient.ConnectAsync(server.EndPoint, certificates))
        {
            await client.EchoAsync();
            client.Socket.Shutdown(SocketShutdown.Send);
            await server.WaitForEndingsAsync("PeerTruncated", 1);
        }

        ProgramResult report = await server.StopAsync();
        report.WithOutput("Closed 127.0.0.1:", "PeerTruncated").WithOutput("Endings: PeerTruncated 1");
    }

    private static async Task<byte[]> ReadToEndAsync(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }
}
