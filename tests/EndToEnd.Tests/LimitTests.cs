using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>More connections than there is room for, and what is left when all are gone.</summary>
public sealed class LimitTests(Certificates certificates)
{
    [Fact]
    public async Task The_connection_over_the_limit_is_refused_until_one_has_gone()
    {
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--max-connections", "2", "--verbose");
        await using RawClient first = await RawClient.ConnectAsync(server.EndPoint, certificates);
        await using RawClient second = await RawClient.ConnectAsync(server.EndPoint, certificates);
        await first.EchoAsync();
        await second.EchoAsync();

        ProgramResult third = await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5");
        Assert.NotEqual(Exit.Success, third.ExitCode);
        await server.Process.WaitForLineAsync("--max-connections");
        await first.EchoAsync();
        await second.EchoAsync();

        await second.Tls.ShutdownAsync();
        await second.DisposeAsync();
        await server.WaitForEndingsAsync("PeerClosed.", 1);
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "1", "--messages", "5")).EndedWith(Exit.Success);
        await first.EchoAsync();
        ProgramResult report = await server.StopAsync();
        report.WithOutput("Refused 127.0.0.1:", "--max-connections").WithOutput("Connections: 3 accepted, 1 refused at the limit");
    }

    [Fact]
    public async Task Out_of_descriptors_the_server_stays_up_and_says_so()
    {
        // The runtime needs some of them for itself, for instance to start a thread.
        const int room = 150;
        Requires.Linux("ulimit and /proc");
        await using RunningServer server = await StartWithRoomForAsync(room);
        var clients = new List<Task<RawClient>>();
        try
        {
            // More than there is room for. Those over it may be refused or left to wait.
            for (int i = 0; i < 2 * room; i++) clients.Add(RawClient.ConnectAsync(server.EndPoint, certificates));
            await server.Process.WaitForLineAsync("file descriptors");
            await TimeLimit.Until(() => clients.Exists(c => c.IsCompletedSuccessfully), "some of the clients are served");
            RawClient[] open = await ConnectedAsync(clients);
            foreach (RawClient client in open) await client.EchoAsync();

            // Each one that goes makes room for another.
            foreach (RawClient client in open) await client.DisposeAsync();
            await using RawClient late = await ConnectAtLastAsync(server);
            await late.EchoAsync();
        }
        finally
        {
            foreach (RawClient client in await ConnectedAsync(clients)) await client.DisposeAsync();
            foreach (Task<RawClient> client in clients) _ = client.ContinueWith(static t => t.Exception, TaskScheduler.Default);
        }

        await server.StopAsync();
    }

    [Fact]
    public async Task A_client_out_of_descriptors_says_so()
    {
        Requires.Linux("ulimit");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] words =
            [Programs.Client, "--server", server.Address, .. certificates.ClientOptions, "--clients", "200", "--messages", "200"];
        await using var client = new ProgramProcess(Programs.Bash!, ["-c", "ulimit -n 120; exec \"$@\"", "bash", .. words]);
        ProgramResult result = await client.ExitAsync();
        result.EndedWith(Exit.Network).WithError("200 clients", "file descriptors", "ulimit -Hn");
        await server.StopAsync();
    }

    [Fact]
    public async Task Descriptors_are_given_back_when_hundreds_of_connections_are_gone()
    {
        Requires.Linux("/proc");
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--handshake-timeout", "120s");
        // Once before, so that everything that is opened once is open.
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "20", "--messages", "200")).EndedWith(Exit.Success);
        int before = await SettledDescriptorsAsync(server);

        await using ProgramProcess idle = LoadRun.Start(server.Address, certificates, "--clients", "200", "--messages", "200", "--wait");
        using (await RawClient.ConnectTcpAsync(server.EndPoint))
        {
            await idle.WaitForLineAsync("Press any key");
            Assert.True(server.CountDescriptors() >= before + 200);
            ProgramResult busy = await LoadRun.RunAsync(
                server.Address, certificates, "--clients", "20", "--messages", "4000", "--size", "1-20000");
            busy.EndedWith(Exit.Success);
            Assert.Equal(4000, busy.Number("Round trips"));
            Assert.Equal(0, busy.Number("Mismatches"));
        }

        await idle.TypeAsync(string.Empty);
        ProgramResult result = await idle.ExitAsync();
        result.EndedWith(Exit.Success);
        Assert.Equal(200, result.Number("Round trips"));
        // An assembly that is loaded only now keeps its file open.
        const int assemblies = 8;
        await TimeLimit.Until(
            () => server.CountDescriptors() <= before + assemblies, $"no more than {assemblies} above the {before} descriptors of before");
        ProgramResult report = await server.StopAsync();
        report.WithOutput("Connections: 241 accepted").WithOutput("Endings: PeerClosed 240, EndedBeforeFirstByte 1");
    }

    private static Task<RawClient[]> ConnectedAsync(IEnumerable<Task<RawClient>> clients) =>
        Task.WhenAll(clients.Where(c => c.IsCompletedSuccessfully));

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

    // The run before is over when the client has ended; the server needs a moment more to close its side.
    private static async Task<int> SettledDescriptorsAsync(RunningServer server)
    {
        int lowest = int.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            lowest = Math.Min(lowest, server.CountDescriptors());
            await Task.Delay(10);
        }

        return lowest;
    }

    // What the runtime itself needs differs from machine to machine: it is counted in a server that may have what it wants.
    private async Task<RunningServer> StartWithRoomForAsync(int connections)
    {
        int own;
        await using (RunningServer free = await RunningServer.StartAsync(certificates))
        {
            (await LoadRun.RunAsync(free.Address, certificates, "--clients", "1", "--messages", "5")).EndedWith(Exit.Success);
            own = await SettledDescriptorsAsync(free);
            await free.StopAsync();
        }

        return await RunningServer.StartWithDescriptorsAsync(own + connections, certificates);
    }
}
