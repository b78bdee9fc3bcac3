using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;

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
        const int room = 12;
        Requires.Linux("ulimit and /proc");
        await using RunningServer server = await StartWithRoomForAsync(room);
        var clients = new List<Task<RawClient>>();
        try
        {
            for (int i = 0; i < 2 * room; i++) clients.Add(RawClient.ConnectAsync(server.EndPoint, certificates));
            await server.Process.WaitForLineAsync("out of file descriptors (ulimit -n)");
            RawClient[] open = [.. clients.Where(c => c.IsCompletedSuccessfully).Select(c => c.Result)];
            Assert.NotEmpty(open);
            foreach (RawClient client in open) await client.EchoAsync();

            // Each one that goes makes room for one that waits.
            foreach (RawClient client in open) await client.DisposeAsync();
            await TimeLimit.Until(() => clients.Count(c => c.IsCompletedSuccessfully) >= Math.Min(clients.Count, 2 * open.Length), "those that waited are served");
            foreach (RawClient client in clients.Where(c => c.IsCompletedSuccessfully).Select(c => c.Result).Except(open)) await client.EchoAsync();
        }
        finally
        {
            foreach (Task<RawClient> client in clients)
            {
                if (client.IsCompletedSuccessfully) await client.Result.DisposeAsync();
                else _ = client.ContinueWith(static t => t.Exception, TaskScheduler.Default);
            }
        }

        ProgramResult after = await LoadRun.RunAsync(server.Address, certificates, "--clients", "2", "--messages", "20");
        after.EndedWith(Exit.Success);
        await server.StopAsync();
    }

    [Fact]
    public async Task A_client_out_of_descriptors_says_so()
    {
        Requires.Linux("ulimit");
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        string[] words = [Programs.Client, "--server", server.Address, .. certificates.ClientOptions, "--clients", "200", "--messages", "200"];
        await using var client = new ProgramProcess(Programs.Bash!, ["-c", "ulimit -n 120; exec \"$@\"", "bash", .. words]);
        ProgramResult result = await client.ExitAsync();
        result.EndedWith(Exit.Network).WithError("file descriptors", "ulimit -n");
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
            ProgramResult busy = await LoadRun.RunAsync(server.Address, certificates, "--clients", "20", "--messages", "4000", "--size", "1-20000");
            busy.EndedWith(Exit.Success);
            Assert.Equal(4000, busy.Number("Round trips"));
            Assert.Equal(0, busy.Number("Mismatches"));
        }

        await idle.TypeAsync(string.Empty);
        ProgramResult result = await idle.ExitAsync();
        result.EndedWith(Exit.Success);
        Assert.Equal(200, result.Number("Round trips"));
        await TimeLimit.Until(() => server.CountDescriptors() <= before, $"no more than the {before} descriptors of before");
        ProgramResult report = await server.StopAsync();
        report.WithOutput("Connections: 241 accepted").WithOutput("Endings: PeerClosed 240, HandshakeFailed 1");
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
