using System.Globalization;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>What everybody does first: a server, a load, mutual TLS.</summary>
public sealed class EchoTests(Certificates certificates)
{
    [Fact]
    public async Task Both_sides_count_the_same_bytes_and_every_echo_matches()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "8", "--messages", "800");
        ProgramResult report = await server.StopAsync();

        client.EndedWith(Exit.Success);
        Assert.Empty(client.Errors);
        Assert.Equal(8, client.Number("Clients"));
        Assert.Equal(800, client.Number("Round trips"));
        Assert.Equal(0, client.Number("Mismatches"));
        client.WithOutput("Round trips per second: ").WithOutput("Per client per second: ").WithOutput("Latency: p50 ", ", p99 ", ", max ");
        Assert.InRange(client.Number("Bytes sent"), 800, 80_000);
        Assert.Equal(client.Number("Bytes sent"), client.Number("Bytes received"));

        Assert.Empty(report.Errors);
        Assert.Equal(client.Number("Bytes sent"), report.Number("Bytes received"));
        Assert.Equal(client.Number("Bytes received"), report.Number("Bytes sent"));
        Assert.InRange(report.Number("Read operations"), 800, client.Number("Bytes sent"));
        Assert.Equal(report.Number("Read operations"), report.Number("Write operations"));
        report.WithOutput("Connections: 8 accepted, 0 refused at the limit").WithOutput("Handshakes: 8 done, 0 failed");
        report.WithOutput("Endings: PeerClosed 8").WithOutput("Stopping (SIGTERM): 0 clients connected");
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("200000", 200_000)]
    [InlineData("262144", 262_144)]
    public async Task Messages_of_one_size_come_back_whole(string size, int bytes)
    {
        const int messages = 40;
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "4", "--messages", messages.ToString(CultureInfo.InvariantCulture), "--size", size);
        ProgramResult report = await server.StopAsync();

        client.EndedWith(Exit.Success);
        Assert.Equal(messages, client.Number("Round trips"));
        Assert.Equal((long)messages * bytes, client.Number("Bytes sent"));
        Assert.Equal((long)messages * bytes, client.Number("Bytes received"));
        Assert.Equal((long)messages * bytes, report.Number("Bytes received"));
        Assert.Equal((long)messages * bytes, report.Number("Bytes sent"));
    }

    [Theory]
    [InlineData("5", "2")]
    [InlineData("3", "10")]
    public async Task Messages_are_spread_over_clients_that_they_do_not_divide_by(string clients, string messages)
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", clients, "--messages", messages);
        ProgramResult report = await server.StopAsync();

        client.EndedWith(Exit.Success);
        Assert.Empty(client.Errors);
        Assert.Equal(messages, client.Number("Round trips").ToString(CultureInfo.InvariantCulture));
        report.WithOutput($"Endings: PeerClosed {clients}");
    }

    [Fact]
    public async Task A_run_for_a_time_ends_of_itself()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult client = await LoadRun.RunAsync(server.Address, certificates, "--clients", "2", "--duration", "500ms", "--quiet");
        client.EndedWith(Exit.Success);
        Assert.True(client.Number("Round trips") > 0);
        ProgramResult report = await server.StopAsync();
        Assert.Equal(client.Number("Bytes received"), report.Number("Bytes sent"));
    }

    [Fact]
    public async Task Wait_holds_the_load_back_until_a_line_is_typed()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess client = LoadRun.Start(server.Address, certificates, "--clients", "3", "--messages", "30", "--wait");
        await client.WaitForLineAsync("Press any key to start");
        await server.Process.WaitForLineAsync("3 clients connected to server");
        Assert.DoesNotContain(client.Lines, l => l.StartsWith("Round trips", StringComparison.Ordinal));

        await client.TypeAsync(string.Empty);
        ProgramResult result = await client.ExitAsync();
        result.EndedWith(Exit.Success);
        Assert.Equal(30, result.Number("Round trips"));
        await server.StopAsync();
    }
}
