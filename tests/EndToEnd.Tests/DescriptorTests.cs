using System.Net.Sockets;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The limit on file descriptors is lowered while the server runs: it lives, and so do its connections.</summary>
public sealed class DescriptorTests(Certificates certificates)
{
    private const int Plenty = 1024;

    // A thread that is started needs three.
    private const int ForTheRuntime = 8;
    private const string Refused = "nearly out of file descriptors (ulimit -n)";

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    [InlineData(-15)]
    public async Task A_limit_lowered_to_what_is_in_use_costs_no_connection_and_no_server(int slack)
    {
        const int tries = 3;
        const int strangers = 100;
        Requires.Linux("prlimit");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using RawClient open = await RawClient.ConnectAsync(server.EndPoint, certificates);
        await open.EchoAsync();
        for (int i = 0; i < tries; i++)
        {
            int limit = server.CountDescriptors() + slack;
            ResourceLimit.SetDescriptors(server.Process.Id, (ulong)limit);
            var silent = new List<Socket>();
            for (int j = 0; j < strangers; j++)
            {
                silent.Add(await RawClient.ConnectTcpAsync(server.EndPoint));
                if (j % 20 == 0) await open.EchoAsync();
            }

            await open.EchoAsync();
            int refusals = i + 1;
            await TimeLimit.Until(
                () => server.Process.Lines.Count(l => l.Contains(Refused, StringComparison.Ordinal)) >= refusals,
                "connections are refused");
            await TimeLimit.Until(
                () => ProcessView.CountFreeDescriptors(server.Process.Id, limit) >= ForTheRuntime, "descriptors are left to the runtime");

            ResourceLimit.SetDescriptors(server.Process.Id, (ulong)Plenty);
            foreach (Socket socket in silent) socket.Dispose();
            await using RawClient late = await ConnectAtLastAsync(server);
            await late.EchoAsync();
            await open.EchoAsync();
        }

        await server.StopAsync();
    }

    [Fact]
    public async Task Without_any_descriptor_left_open_connections_go_on_and_accepting_does_when_there_are_some()
    {
        Requires.Linux("prlimit");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using RawClient open = await RawClient.ConnectAsync(server.EndPoint, certificates);
        // So that all code of a connection's life is loaded: loading needs descriptors too.
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "4", "--messages", "100")).EndedWith(Exit.Success);

        // Below all that are in use.
        const int none = 3;
        ResourceLimit.SetDescriptors(server.Process.Id, (ulong)none);
        var waiting = new List<Socket>();
        for (int i = 0; i < 5; i++) waiting.Add(await RawClient.ConnectTcpAsync(server.EndPoint));
        await server.Process.WaitForLineAsync("out of file descriptors (ulimit -n)");
        for (int i = 0; i < 20; i++) await open.EchoAsync();

        ResourceLimit.SetDescriptors(server.Process.Id, (ulong)Plenty);
        foreach (Socket socket in waiting) socket.Dispose();
        await using RawClient late = await ConnectAtLastAsync(server);
        await late.EchoAsync();
        await open.EchoAsync();
        await server.StopAsync();
    }

    [Fact]
    public async Task A_server_told_to_stop_while_there_are_no_descriptors_stops_in_order()
    {
        Requires.Linux("prlimit");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using RawClient open = await RawClient.ConnectAsync(server.EndPoint, certificates);
        await open.EchoAsync();
        ResourceLimit.SetDescriptors(server.Process.Id, (ulong)server.CountDescriptors());
        using Socket silent = await RawClient.ConnectTcpAsync(server.EndPoint);
        await open.EchoAsync();
        (await server.StopAsync()).WithOutput("Endings: ", "Drained");
    }

    private async Task<RawClient> ConnectAtLastAsync(RunningServer server)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return await RawClient.ConnectAsync(server.EndPoint, certificates);
            }
            catch (IOException) when (clock.Elapsed < TimeLimit.Default)
            {
                await Task.Delay(50);
            }
        }
    }
}
