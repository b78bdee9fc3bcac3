using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>
/// Peers that do what no client should, against the server, while a good run goes on: it must not notice. Its clients are
/// connected before the bad peer comes and send while it is there.
/// </summary>
public sealed class MisbehavingClientTests(Certificates certificates)
{
    [Fact]
    public Task A_silent_peer_is_closed_at_the_handshake_timeout() => UndisturbedByAsync(["--handshake-timeout", "2s"], async server =>
    {
        using Socket socket = await RawClient.ConnectTcpAsync(server.EndPoint);
        await RawClient.WaitForEndAsync(socket);
        await server.Process.WaitForLineAsync($"Refused {socket.LocalEndPoint}: HandshakeTimeout. Not done after 2 s.");
    });

    [Fact]
    public Task A_peer_that_stops_in_the_middle_of_its_hello_is_closed_at_the_handshake_timeout() => UndisturbedByAsync(
        ["--handshake-timeout", "2s"], async server =>
    {
        using Socket socket = await RawClient.ConnectTcpAsync(server.EndPoint);
        // A record of 512 bytes is announced, and 7 of them come.
        await socket.SendAsync((byte[])[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 0x00]).WithinLimit();
        await RawClient.WaitForEndAsync(socket);
        await server.Process.WaitForLineAsync($"Refused {socket.LocalEndPoint}: HandshakeTimeout.");
    });

    [Fact]
    public Task A_peer_that_comes_and_goes_is_logged() => UndisturbedByAsync([], async server =>
    {
        using Socket socket = await RawClient.ConnectTcpAsync(server.EndPoint);
        socket.Shutdown(SocketShutdown.Send);
        await server.Process.WaitForLineAsync("1 connection from 127.0.0.1 ended before its first byte, as health checks do.");
    });

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x41)]
    [InlineData(0xee)]
    public Task Garbage_instead_of_TLS_is_refused(byte value) => UndisturbedByAsync([], async server =>
    {
        using Socket socket = await RawClient.ConnectTcpAsync(server.EndPoint);
        byte[] garbage = new byte[1000];
        Array.Fill(garbage, value);
        await socket.SendAsync(garbage).WithinLimit();
        await server.Process.WaitForLineAsync($"Refused {socket.LocalEndPoint}: HandshakeFailed. The peer does not speak TLS.");
    });

    [Fact]
    public Task A_plain_HTTP_request_is_refused() => UndisturbedByAsync([], async server =>
    {
        using Socket socket = await RawClient.ConnectTcpAsync(server.EndPoint);
        await socket.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray()).WithinLimit();
        string line = await server.Process.WaitForLineAsync($"Refused {socket.LocalEndPoint}: HandshakeFailed.");
        Assert.Contains("TLS", line, StringComparison.Ordinal);
    });

    [Fact]
    public Task A_reset_in_the_handshake_is_logged() => UndisturbedByAsync([], async server =>
    {
        Socket socket = await RawClient.ConnectTcpAsync(server.EndPoint);
        string name = $"{socket.LocalEndPoint}";
        await socket.SendAsync((byte[])[0x16, 0x03, 0x01, 0x02, 0x00, 0x01]).WithinLimit();
        RawClient.Reset(socket);
        await server.Process.WaitForLineAsync(
            $"Refused {name}: HandshakeFailed. The peer reset the connection in the middle of the handshake.");
    });

    [Fact]
    public Task A_reset_in_the_stream_is_logged() => UndisturbedByAsync([], async server =>
    {
        await using RawClient client = await RawClient.ConnectAsync(server.EndPoint, certificates);
        string name = $"{client.Socket.LocalEndPoint}";
        await client.EchoAsync();
        RawClient.Reset(client.Socket);
        await server.Process.WaitForLineAsync($"Lost {name}: PeerReset.");
    });

    [Fact]
    public Task A_record_that_cannot_be_decrypted_is_logged() => UndisturbedByAsync([], async server =>
    {
        await using RawClient client = await RawClient.ConnectAsync(server.EndPoint, certificates);
        await client.EchoAsync();
        await client.Socket.SendAsync((byte[])[0x17, 0x03, 0x03, 0x00, 0x40, .. RandomNumberGenerator.GetBytes(0x40)]).WithinLimit();
        await server.Process.WaitForLineAsync($"Lost {client.Socket.LocalEndPoint}: ProtocolError.");
    });

    [Fact]
    public Task A_peer_that_sends_and_never_reads_is_closed_at_the_write_timeout() => UndisturbedByAsync(
        ["--write-timeout", "1s"], async server =>
    {
        await using RawClient client = await RawClient.ConnectAsync(server.EndPoint, certificates);
        byte[] block = new byte[1 << 16];
        // It goes on until the server has closed: then sending fails.
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true) await client.Tls.WriteAsync(block).WithinLimit();
        });
        await server.Process.WaitForLineAsync($"Lost {client.Socket.LocalEndPoint}: WriteTimeout. The peer took nothing for 1 s.");
    });

    [Fact]
    public Task A_peer_that_falls_silent_is_closed_at_the_idle_timeout() => UndisturbedByAsync(["--idle-timeout", "2s"], async server =>
    {
        await using RawClient client = await RawClient.ConnectAsync(server.EndPoint, certificates);
        await client.EchoAsync();
        await server.Process.WaitForLineAsync($"Lost {client.Socket.LocalEndPoint}: IdleTimeout. No data for 2 s.");
    });

    [Fact]
    public Task Fifty_peers_that_never_finish_their_handshake_hold_up_nobody() => UndisturbedByAsync([], async server =>
    {
        var sockets = new List<Socket>();
        try
        {
            for (int i = 0; i < 50; i++) sockets.Add(await RawClient.ConnectTcpAsync(server.EndPoint));
            ProgramResult among = await LoadRun.RunAsync(server.Address, certificates, "--clients", "2", "--messages", "100");
            among.EndedWith(Exit.Success);
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
    });

    private async Task UndisturbedByAsync(string[] serverOptions, Func<RunningServer, Task> misbehave)
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates, serverOptions);
        await using ProgramProcess good = LoadRun.Start(
            server.Address, certificates, "--clients", "2", "--duration", "60s", "--rate", "1000");
        await good.WaitForLineAsync(LoadRun.UnderWay);
        await misbehave(server);
        // The run lasts as long as the peer misbehaves, and no longer.
        Assert.False(good.HasExited, $"The good run ended.{Environment.NewLine}{good}");
        good.Signal(PosixSignal.SIGTERM);
        ProgramResult result = await good.ExitAsync();
        result.EndedWith(Exit.Interrupted);
        Assert.Equal(0, result.Number("Mismatches"));
        Assert.True(result.Number("Round trips") > 0);
        ProgramResult report = await server.StopAsync();
        report.WithOutput("Endings: ", "PeerClosed ");
    }

}
