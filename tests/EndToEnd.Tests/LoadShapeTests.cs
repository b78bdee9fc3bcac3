using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>What a load is made of: depth, warm-up, sizes, seeds, several servers, addresses, connections that are replaced.</summary>
public sealed class LoadShapeTests(Certificates certificates)
{
    [Fact]
    public async Task Depth_is_how_many_messages_are_in_flight()
    {
        const int depth = 4, size = 10;
        await using var server = TestServer.WithTls(certificates, async (stream, _) =>
        {
            // Nothing is echoed before so many have come.
            byte[] messages = new byte[depth * size];
            while (await stream.ReadAtLeastAsync(messages, messages.Length, throwOnEndOfStream: false) == messages.Length)
                await stream.WriteAsync(messages);
        });
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "2", "--messages", "80", "--size", $"{size}", "--depth", $"{depth}");
        client.EndedWith(Exit.Success);
        Assert.Equal(80, client.Number("Round trips"));
    }

    [Fact]
    public async Task Long_messages_in_flight_do_not_stop_each_other()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "2", "--messages", "40", "--size", "1-3000000", "--depth", "4");
        client.EndedWith(Exit.Success);
        Assert.Equal(40, client.Number("Round trips"));
        Assert.Equal(client.Number("Bytes sent"), client.Number("Bytes received"));
    }

    [Fact]
    public async Task A_warm_up_is_not_counted()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "4", "--messages", "100", "--warmup", "300ms", "--ramp", "100ms");
        ProgramResult report = await server.StopAsync();
        client.EndedWith(Exit.Success);
        Assert.Equal(100, client.Number("Round trips"));
        Assert.True(report.Number("Read operations") > 100);
    }

    [Fact]
    public async Task The_same_seed_sends_the_same_bytes()
    {
        var received = new ConcurrentQueue<string>();
        await using var server = TestServer.WithTls(certificates, async (stream, _) =>
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = new byte[1 << 16];
            while (await stream.ReadAsync(buffer) is > 0 and var read)
            {
                hash.AppendData(buffer, 0, read);
                await stream.WriteAsync(buffer.AsMemory(0, read));
            }

            received.Enqueue(Convert.ToHexString(hash.GetHashAndReset()));
        });
        foreach (string seed in new[] { "7", "7", "8" })
        {
            int before = received.Count;
            string[] load = ["--clients", "1", "--messages", "50", "--size", "10:9,1000-2000:1", "--seed", seed];
            (await LoadRun.RunAsync(server.Address, certificates, load)).EndedWith(Exit.Success);
            await RawEcho.Testing.TimeLimit.Until(() => received.Count > before, "the server has seen the end");
        }

        string[] hashes = [.. received];
        Assert.Equal(hashes[0], hashes[1]);
        Assert.NotEqual(hashes[0], hashes[2]);
    }

    [Fact]
    public async Task Several_servers_take_turns()
    {
        await using RunningServer one = await RunningServer.StartAsync(certificates);
        await using RunningServer two = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(
            one.Address, certificates, "--server", string.Create(CultureInfo.InvariantCulture, $"localhost:{two.EndPoint.Port}"),
            "--clients", "5", "--messages", "50");
        client.EndedWith(Exit.Success)
            .WithOutput($"Server localhost:{two.EndPoint.Port} is 127.0.0.1:{two.EndPoint.Port}, [::1]:{two.EndPoint.Port}.");
        (await one.StopAsync()).WithOutput("Connections: 3 accepted");
        (await two.StopAsync()).WithOutput("Connections: 2 accepted");
    }

    [Fact]
    public async Task A_server_is_reached_by_ipv6()
    {
        Requires.IPv6();
        await using RunningServer server = await RunningServer.StartAsync(["--listen", "[::1]:0", .. certificates.ServerOptions]);
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "2", "--messages", "20");
        client.EndedWith(Exit.Success).WithOutput("Connected [::1]:");
        await server.StopAsync();
    }

    [Fact]
    public async Task Source_addresses_take_turns()
    {
        Requires.Linux("elsewhere 127.0.0.1 is the only loopback address");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "4", "--messages", "40", "--source", "127.0.0.2",
            "--source", "127.0.0.3", "--verbose");
        client.EndedWith(Exit.Success);
        Assert.Equal(2, client.Count("Connected 127.0.0.2:"));
        Assert.Equal(2, client.Count("Connected 127.0.0.3:"));
        await server.StopAsync();
        ProgramResult foreign = await LoadRun.RunAsync(server.Address, certificates, "--source", "192.0.2.1");
        foreign.EndedWith(Exit.Network).WithOneSentence("--source 192.0.2.1");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lost_connection_is_replaced_when_asked(bool atRate)
    {
        int connections = 0;
        await using var server = TestServer.WithTls(certificates, async (stream, socket) =>
        {
            byte[] buffer = new byte[100];
            if (Interlocked.Increment(ref connections) <= 2)
            {
                for (int i = 0; i < 3; i++)
                {
                    await stream.ReadExactlyAsync(buffer);
                    await stream.WriteAsync(buffer);
                }

                RawClient.Reset(socket);
            }

            await TestServer.EchoAsync(stream);
        });
        string[] load = ["--clients", "2", "--messages", "60", "--size", "100", .. atRate ? ["--rate", "200"] : Array.Empty<string>()];
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, [.. load, "--reconnect"]);
        client.EndedWith(Exit.Success).WithOutput("Connections lost: 2, replaced: 2").WithError("2 clients: connection lost");
        // What was in flight when a connection was lost does not come back.
        long unanswered = client.Output.Any(l => l.StartsWith("Unanswered", StringComparison.Ordinal)) ? client.Number("Unanswered") : 0;
        Assert.Equal(60, client.Number("Round trips") + unanswered);

        connections = 0;
        (await LoadRun.RunAsync(server.Address, certificates, load)).EndedWith(Exit.ConnectionLost);
        connections = 0;
        (await LoadRun.RunAsync(server.Address, certificates, [.. load, "--reconnect", "--fail-if", "errors>1"]))
            .EndedWith(Exit.ConditionMet).WithError("--fail-if errors>1: it was 2");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task What_a_server_closed_in_order_without_having_begun_it_is_sent_again_and_counted(bool withinEcho, bool reset)
    {
        const int size = 100, depth = 3, echoed = 2, connections = 2;
        int accepted = 0;
        await using var server = TestServer.WithTls(certificates, async (stream, socket) =>
        {
            if (Interlocked.Increment(ref accepted) <= connections)
            {
                byte[] messages = new byte[(depth + echoed) * size];
                await stream.ReadExactlyAsync(messages.AsMemory(0, depth * size));
                await stream.WriteAsync(messages.AsMemory(0, echoed * size));
                // There is no more to read: what is closed unread is reset.
                await stream.ReadExactlyAsync(messages.AsMemory(depth * size));
                if (withinEcho) await stream.WriteAsync(messages.AsMemory(echoed * size, size / 2));
                if (reset) RawClient.Reset(socket);
                else await stream.ShutdownAsync();
                return;
            }

            await TestServer.EchoAsync(stream);
        });
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "2", "--messages", "60", "--size", $"{size}", "--depth", $"{depth}", "--reconnect",
            "--json");
        JsonElement result = JsonDocument.Parse(string.Join('\n', client.EndedWith(Exit.Success).Output)).RootElement;
        // Of an echo that has begun nobody knows what the server has done, and of a connection that is reset neither.
        int again = withinEcho || reset ? 0 : depth * connections;
        int unanswered = withinEcho || reset ? depth * connections : 0;
        Assert.Equal((again, unanswered), (Number("messagesSentAgain"), Number("unanswered")));
        Assert.Equal((60 - unanswered, (60 + again) * size), (Number("roundTrips"), Number("bytesSent")));
        Assert.Equal(connections, result.GetProperty("connections").GetProperty("replaced").GetInt32());

        int Number(string name) => result.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task A_server_that_stays_away_fails_a_run_that_reconnects()
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess client = LoadRun.Start(
            server.Address, certificates, "--clients", "2", "--duration", "60s", "--reconnect");
        await client.WaitForLineAsync(" round trips, ");
        await server.StopAsync();
        await client.WaitForLineAsync(
            l => l.Contains(" failures", StringComparison.Ordinal) && !l.Contains(" 0 failures", StringComparison.Ordinal),
            "that there are failures");
        client.Signal(PosixSignal.SIGTERM);
        ProgramResult result = await client.ExitAsync();
        Assert.Contains(result.ExitCode, new[] { Exit.Network, Exit.ServerClosed });
        result.WithError("closed by the server").WithOutput("(interrupted)");
    }

    [Fact]
    public async Task A_soft_limit_on_descriptors_is_no_limit()
    {
        Requires.Linux("ulimit");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] words =
            [Programs.Client, "--server", server.Address, .. certificates.ClientOptions, "--clients", "300", "--messages", "300"];
        await using var client = new ProgramProcess(Programs.Bash!, ["-c", "ulimit -Sn 200; exec \"$@\"", "bash", .. words]);
        (await client.ExitAsync()).EndedWith(Exit.Success);
        await server.StopAsync();
    }
}
