using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Servers that do not keep their word, and what the client makes of each.</summary>
public sealed class MisbehavingServerTests(Certificates certificates)
{
    private const int Size = 1000;

    [Theory]
    [InlineData]
    [InlineData("--rate", "200")]
    public async Task A_wrong_byte_is_a_mismatch(params string[] load)
    {
        await using TestServer server = Serve(async (stream, _) =>
        {
            await EchoMessagesAsync(stream, 3);
            byte[] message = await ReadMessageAsync(stream);
            message[700] ^= 1;
            await stream.WriteAsync(message);
            await TestServer.EchoAsync(stream);
        });
        ProgramResult client = await RunAsync(server, load);
        client.EndedWith(Exit.Mismatch).WithError("1 client", "Byte 700 of an echo of 1000 bytes is not what was sent");
        Assert.Equal(1, client.Number("Mismatches"));
        Assert.Equal(3, client.Number("Round trips"));
    }

    [Fact]
    public async Task Too_many_bytes_are_a_mismatch()
    {
        await using TestServer server = Serve(async (stream, _) =>
        {
            byte[] message = await ReadMessageAsync(stream);
            await stream.WriteAsync((byte[])[.. message, 42]);
            await TestServer.EchoAsync(stream);
        });
        ProgramResult client = await RunAsync(server);
        client.EndedWith(Exit.Mismatch);
        Assert.Equal(1, client.Number("Mismatches"));
    }

    [Fact]
    public async Task Every_echo_twice_is_a_mismatch()
    {
        await using TestServer server = Serve(async (stream, _) =>
        {
            byte[] message = await ReadMessageAsync(stream);
            await stream.WriteAsync(message);
            await stream.WriteAsync(message);
            await TestServer.EchoAsync(stream);
        });
        (await RunAsync(server)).EndedWith(Exit.Mismatch);
    }

    [Fact]
    public async Task Bytes_after_the_last_echo_are_a_mismatch()
    {
        await using TestServer server = Serve(async (stream, _) =>
        {
            byte[] message = await ReadMessageAsync(stream);
            await stream.WriteAsync((byte[])[.. message, 42]);
            await TestServer.EchoAsync(stream);
        });
        (await RunAsync(server, "--messages", "1")).EndedWith(Exit.Mismatch);
    }

    [Fact]
    public async Task A_server_that_speaks_first_is_no_echo_server()
    {
        await using TestServer server = Serve(async (stream, _) =>
        {
            await stream.WriteAsync("220 ready\r\n"u8.ToArray());
            await TestServer.EchoAsync(stream);
        });
        await using ProgramProcess client = LoadRun.Start(server.Address, certificates, "--clients", "1", "--messages", "10", "--wait");
        (await client.ExitAsync()).EndedWith(Exit.Mismatch).WithError("before it was sent any");
    }

    [Fact]
    public async Task Cut_off_in_the_middle_of_an_echo_is_a_loss()
    {
        await using TestServer server = Serve(async (stream, socket) =>
        {
            await EchoMessagesAsync(stream, 3);
            byte[] message = await ReadMessageAsync(stream);
            await stream.WriteAsync(message.AsMemory(0, 400));
            // FIN, and no close_notify before it.
            socket.Shutdown(SocketShutdown.Send);
            await TestServer.DiscardAsync(socket);
        });
        ProgramResult client = await RunAsync(server);
        client.EndedWith(Exit.ConnectionLost)
            .WithError("1 client: connection lost", "without the server's goodbye", "600 of 1000 bytes of an echo did not come back");
        Assert.Equal(3, client.Number("Round trips"));
        Assert.Equal(0, client.Number("Mismatches"));
    }

    [Fact]
    public async Task A_goodbye_in_the_middle_of_an_echo_is_a_loss()
    {
        await using TestServer server = Serve(async (stream, socket) =>
        {
            byte[] message = await ReadMessageAsync(stream);
            await stream.WriteAsync(message.AsMemory(0, 400));
            await SayGoodbyeAsync(stream, socket);
        });
        ProgramResult client = await RunAsync(server);
        client.EndedWith(Exit.ConnectionLost)
            .WithError("The server closed the connection", "600 of 1000 bytes of an echo did not come back");
    }

    [Fact]
    public async Task A_reset_in_the_middle_of_an_echo_is_a_loss()
    {
        await using TestServer server = Serve(async (stream, socket) =>
        {
            await EchoMessagesAsync(stream, 3);
            byte[] message = await ReadMessageAsync(stream);
            await stream.WriteAsync(message.AsMemory(0, 400));
            RawClient.Reset(socket);
        });
        ProgramResult client = await RunAsync(server);
        client.EndedWith(Exit.ConnectionLost).WithError("1 client: connection lost", "bytes of an echo did not come back");
    }

    [Fact]
    public async Task A_record_that_cannot_be_decrypted_is_a_loss()
    {
        await using TestServer server = Serve(async (stream, socket) =>
        {
            await EchoMessagesAsync(stream, 3);
            await ReadMessageAsync(stream);
            // Application data of TLS 1.2 and 1.3, 64 bytes that no key ever made.
            await socket.SendAsync((byte[])[0x17, 0x03, 0x03, 0x00, 0x40, .. RandomNumberGenerator.GetBytes(0x40)]);
            await TestServer.DiscardAsync(socket);
        });
        ProgramResult client = await RunAsync(server);
        client.EndedWith(Exit.ConnectionLost).WithError("1 client: connection lost", "1000 of 1000 bytes of an echo did not come back");
    }

    [Fact]
    public async Task A_goodbye_between_messages_is_an_end_in_order()
    {
        await using TestServer server = Serve(async (stream, socket) =>
        {
            await EchoMessagesAsync(stream, 3);
            await SayGoodbyeAsync(stream, socket);
        });
        ProgramResult client = await RunAsync(server);
        client.EndedWith(Exit.ServerClosed).WithError("1 client: closed by the server", "in order before the run was over");
        Assert.Equal(3, client.Number("Round trips"));
        Assert.Equal(3 * Size, client.Number("Bytes received"));
    }

    [Fact]
    public async Task An_echo_that_never_comes_is_given_up_at_the_echo_timeout()
    {
        await using TestServer server = Serve(async (stream, socket) =>
        {
            await EchoMessagesAsync(stream, 2);
            await TestServer.DiscardAsync(socket);
        });
        ProgramResult client = await RunAsync(server, "--echo-timeout", "500ms");
        client.EndedWith(Exit.ConnectionLost).WithError("--echo-timeout", "0.5 s", "1000 of 1000 bytes of an echo did not come back");
        Assert.Equal(2, client.Number("Round trips"));
    }

    [Fact]
    public async Task An_echo_that_stops_half_way_is_given_up_at_the_echo_timeout()
    {
        await using TestServer server = Serve(async (stream, socket) =>
        {
            byte[] message = await ReadMessageAsync(stream);
            await stream.WriteAsync(message.AsMemory(0, 1));
            await TestServer.DiscardAsync(socket);
        });
        ProgramResult client = await RunAsync(server, "--echo-timeout", "500ms");
        client.EndedWith(Exit.ConnectionLost).WithError("--echo-timeout", "999 of 1000 bytes of an echo did not come back");
    }

    [Fact]
    public async Task A_server_that_takes_nothing_is_given_up_at_the_echo_timeout()
    {
        var over = new TaskCompletionSource();
        await using TestServer server = Serve((_, _) => over.Task);
        try
        {
            ProgramResult client = await LoadRun.RunAsync(
                server.Address, certificates, "--clients", "1", "--messages", "1", "--size", "20000000", "--echo-timeout", "500ms",
                "--drain-timeout", "500ms");
            client.EndedWith(Exit.ConnectionLost).WithError("--echo-timeout");
        }
        finally
        {
            over.SetResult();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_mismatch_in_the_middle_of_a_long_message_ends_the_run(bool goesOnReading)
    {
        var over = new TaskCompletionSource();
        await using TestServer server = Serve(async (stream, socket) =>
        {
            byte[] message = await ReadMessageAsync(stream);
            message[500] ^= 1;
            await stream.WriteAsync(message);
            await (goesOnReading ? TestServer.DiscardAsync(socket) : over.Task);
        });
        try
        {
            ProgramResult client = await LoadRun.RunAsync(
                server.Address, certificates, "--clients", "3", "--messages", "6", "--size", "20000000");
            client.EndedWith(Exit.Mismatch).WithError("3 clients: echo differs", "Byte 500 of an echo of 20000000 bytes");
        }
        finally
        {
            over.SetResult();
        }
    }

    [Fact]
    public async Task One_bad_connection_does_not_end_the_others()
    {
        int connections = 0;
        await using TestServer server = Serve(async (stream, socket) =>
        {
            if (Interlocked.Increment(ref connections) == 2)
            {
                byte[] message = await ReadMessageAsync(stream);
                message[0] ^= 0xff;
                await stream.WriteAsync(message);
            }

            await TestServer.EchoAsync(stream);
        });
        ProgramResult client = await RunAsync(server, "--clients", "4", "--messages", "40");
        client.EndedWith(Exit.Mismatch).WithError("1 client: echo differs");
        Assert.Equal(30, client.Number("Round trips"));
        Assert.Equal(1, client.Number("Mismatches"));
    }

    [Fact]
    public async Task A_server_that_is_killed_is_a_loss_and_it_is_said_of_what()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess client = LoadRun.Start(
            server.Address, certificates, "--clients", "4", "--duration", "60s", "--size", "50000");
        // The line that tells how far the run is.
        await client.WaitForLineAsync(" round trips, ");
        server.Process.Kill();
        ProgramResult result = await client.ExitAsync();
        result.EndedWith(Exit.ConnectionLost).WithError("connection lost", "50000 bytes of an echo did not come back");
        Assert.True(result.Number("Round trips") > 0);
        Assert.Equal(0, result.Number("Mismatches"));
    }

    private TestServer Serve(Func<SslStream, Socket, Task> serve) => TestServer.WithTls(certificates, serve);

    private Task<ProgramResult> RunAsync(TestServer server, params string[] more)
    {
        string[] usual = ["--size", Size.ToString(CultureInfo.InvariantCulture)];
        if (!more.Contains("--clients")) usual = [.. usual, "--clients", "1"];
        if (!more.Contains("--messages")) usual = [.. usual, "--messages", "10"];
        return LoadRun.RunAsync(server.Address, certificates, [.. usual, .. more]);
    }

    private static async Task EchoMessagesAsync(SslStream stream, int count)
    {
        for (int i = 0; i < count; i++) await stream.WriteAsync(await ReadMessageAsync(stream));
    }

    private static async Task<byte[]> ReadMessageAsync(SslStream stream)
    {
        byte[] message = new byte[Size];
        await stream.ReadExactlyAsync(message);
        return message;
    }

    private static async Task SayGoodbyeAsync(SslStream stream, Socket socket)
    {
        await stream.ShutdownAsync();
        socket.Shutdown(SocketShutdown.Send);
        await TestServer.DiscardAsync(socket);
    }
}
