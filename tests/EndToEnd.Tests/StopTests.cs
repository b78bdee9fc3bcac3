using System.Runtime.InteropServices;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Ends in order: nothing that was begun is lost, and everybody says how far it came.</summary>
public sealed class StopTests(Certificates certificates)
{
    [Theory]
    [InlineData(PosixSignal.SIGTERM, "1-100")]
    [InlineData(PosixSignal.SIGINT, "1-100")]
    [InlineData(PosixSignal.SIGTERM, "100000")]
    public async Task A_server_that_is_stopped_under_load_loses_no_echo(PosixSignal signal, string size)
    {
        if (signal == PosixSignal.SIGINT) Requires.CtrlC();
        else Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess client = LoadRun.Start(
            server.Address, certificates, "--clients", "16", "--duration", "60s", "--size", size);
        await client.WaitForLineAsync(LoadRun.UnderWay);
        ProgramResult report = await server.StopAsync(signal);
        ProgramResult result = await client.ExitAsync();

        result.EndedWith(Exit.ServerClosed).WithError("16 clients: closed by the server", "in order");
        Assert.DoesNotContain(result.Errors, l => l.Contains("lost", StringComparison.Ordinal));
        Assert.Equal(0, result.Number("Mismatches"));
        Assert.True(result.Number("Round trips") > 0);
        Assert.Equal(report.Number("Bytes received"), report.Number("Bytes sent"));
        Assert.Equal(report.Number("Bytes sent"), result.Number("Bytes received"));
        if (size == "100000") Assert.Equal(result.Number("Round trips") * 100_000, result.Number("Bytes received"));
        report.WithOutput($"Stopping ({(signal == PosixSignal.SIGINT ? "Ctrl-C" : "SIGTERM")}): 16 clients connected; draining.")
            .WithOutput("Endings: Drained 16");
    }

    [Fact]
    public async Task A_server_that_is_stopped_lets_idle_clients_go_at_once()
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--drain-timeout", "60s");
        await using ProgramProcess client = LoadRun.Start(server.Address, certificates, "--clients", "8", "--wait");
        await client.WaitForLineAsync("Press any key");
        await server.Process.WaitForLineAsync("8 clients connected to server");
        ProgramResult report = await server.StopAsync();
        ProgramResult result = await client.ExitAsync();

        report.WithOutput("Stopping (SIGTERM): 8 clients connected; draining.").WithOutput("Endings: Drained 8");
        result.EndedWith(Exit.ServerClosed).WithError("8 clients: closed by the server");
        Assert.Equal(0, result.Number("Round trips"));
    }

    [Fact]
    public async Task A_server_on_a_terminal_ends_at_q_and_at_no_other_key()
    {
        Requires.Linux("script(1) of util-linux makes a terminal");
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "There is no script(1) on this machine.");
        string[] words = [Programs.Server, "--listen", "127.0.0.1:0", .. certificates.ServerOptions, "--verbose"];
        await using var terminal = new ProgramProcess(
            "/usr/bin/script", ["-qefc", string.Join(' ', words), "/dev/null"], new Dictionary<string, string> { ["TERM"] = "xterm" });
        await terminal.WaitForLineAsync("Press q or Ctrl-C to stop.");
        await terminal.WaitForLineAsync("--------");
        // Terminals end their lines with a carriage return as well, and show what is typed before somebody reads keys.
        string address = (await terminal.WaitForLineAsync("Listening on ")).Split(' ')[^1].Trim();
        int lines = terminal.Lines.Count;
        await terminal.TypeAsync("x w\u001b[A");
        await TimeLimit.Until(
            () => terminal.Lines.Skip(lines).Any(l => string.IsNullOrWhiteSpace(l.Trim('x', ' ', 'w'))), "an empty line in the log");
        (await LoadRun.RunAsync(address, certificates, "--clients", "1", "--messages", "5")).EndedWith(Exit.Success);
        await terminal.WaitForLineAsync("Closed ");
        Assert.DoesNotContain(terminal.Lines, l => l.Contains("Stopping", StringComparison.Ordinal));
        await terminal.TypeAsync("q");
        (await terminal.ExitAsync()).EndedWith(Exit.Success).WithOutput("Stopping (key q): 0 clients connected");
    }

    [Fact]
    public async Task A_server_that_is_stopped_without_clients_ends()
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        ProgramResult report = await server.StopAsync();
        report.WithOutput("Stopping (SIGTERM): 0 clients connected").WithOutput("Endings: none").WithOutput("Read operations: 0");
        Assert.Empty(report.Errors);
    }

    [Fact]
    public async Task A_peer_in_the_handshake_does_not_hold_up_the_end()
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(
            certificates, "--handshake-timeout", "60s", "--drain-timeout", "60s", "--verbose");
        using System.Net.Sockets.Socket silent = await RawClient.ConnectTcpAsync(server.EndPoint);
        await using (RawClient client = await RawClient.ConnectAsync(server.EndPoint, certificates))
        {
            // Once this one has been served, the silent one before it has been accepted.
            await client.EchoAsync();
        }

        ProgramResult report = await server.StopAsync();
        report.WithOutput("Connections: 2 accepted");
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_holds_up_the_end_for_the_drain_timeout()
    {
        Requires.Linux("/proc");
        await using RunningServer server = await RunningServer.StartAsync(
            certificates, "--drain-timeout", "500ms", "--write-timeout", "60s");
        await using RawClient client = await RawClient.ConnectAsync(server.EndPoint, certificates);
        await StuffAsync(server, client);
        ProgramResult report = await server.StopAsync();
        report.WithOutput("Lost ", "DrainTimeout").WithOutput("Endings: DrainTimeout 1");
    }

    [Fact]
    public async Task A_second_signal_ends_the_server_at_once()
    {
        Requires.Linux("/proc");
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--drain-timeout", "60s", "--write-timeout", "60s");
        await using RawClient client = await RawClient.ConnectAsync(server.EndPoint, certificates);
        await StuffAsync(server, client);
        server.Process.Signal(PosixSignal.SIGTERM);
        await server.Process.WaitForLineAsync("Stopping (SIGTERM)");
        await SignalUntilEndAsync(server.Process);
        (await server.Process.ExitAsync()).EndedWith(Exit.Interrupted);
    }

    [Fact]
    public async Task A_signal_that_timeout_sends_twice_is_one()
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess client = LoadRun.Start(server.Address, certificates, "--clients", "2", "--duration", "60s");
        await client.WaitForLineAsync(LoadRun.UnderWay);
        // As timeout(1) does: its child, and then its process group.
        client.Signal(PosixSignal.SIGTERM);
        client.Signal(PosixSignal.SIGTERM);
        (await client.ExitAsync()).EndedWith(Exit.Interrupted).WithOutput("Round trips: ", "(interrupted)").WithOutput("Mismatches: 0");
    }

    [Theory]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGTERM)]
    public async Task A_client_that_is_interrupted_gives_its_results_so_far(PosixSignal signal)
    {
        if (signal == PosixSignal.SIGINT) Requires.CtrlC();
        else Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess client = LoadRun.Start(
            server.Address, certificates, "--clients", "4", "--duration", "60s", "--size", "1-5000");
        await client.WaitForLineAsync(LoadRun.UnderWay);
        client.Signal(signal);
        ProgramResult result = await client.ExitAsync();
        ProgramResult report = await server.StopAsync();

        result.EndedWith(Exit.Interrupted).WithOutput("Round trips: ", "(interrupted)");
        Assert.True(result.Number("Round trips") > 0);
        Assert.Equal(0, result.Number("Mismatches"));
        Assert.Equal(result.Number("Bytes sent"), result.Number("Bytes received"));
        Assert.Equal(report.Number("Bytes sent"), result.Number("Bytes received"));
        report.WithOutput("Endings: PeerClosed 4");
    }

    [Fact]
    public async Task A_client_that_is_interrupted_before_its_start_goes_in_order()
    {
        Requires.Signals();
        await using RunningServer server = await RunningServer.StartAsync(certificates);
        await using ProgramProcess client = LoadRun.Start(server.Address, certificates, "--clients", "4", "--wait");
        await client.WaitForLineAsync("Press any key");
        client.Signal(PosixSignal.SIGTERM);
        ProgramResult result = await client.ExitAsync();
        ProgramResult report = await server.StopAsync();

        result.EndedWith(Exit.Interrupted).WithOutput("Nothing was measured: the run was interrupted before the measurement began.");
        Assert.Empty(result.Errors);
        Assert.Equal(0, result.Number("Round trips"));
        report.WithOutput("Endings: PeerClosed 4");
    }

    [Fact]
    public async Task A_client_that_is_interrupted_twice_does_not_wait_for_the_last_echoes()
    {
        Requires.Signals();
        await using var server = TestServer.WithTls(certificates, (_, socket) => TestServer.DiscardAsync(socket));
        await using ProgramProcess client = LoadRun.Start(
            server.Address, certificates, "--clients", "1", "--duration", "60s", "--echo-timeout", "off", "--drain-timeout", "60s");
        await client.WaitForLineAsync(LoadRun.UnderWay);
        client.Signal(PosixSignal.SIGTERM);
        await SignalUntilEndAsync(client);
        (await client.ExitAsync()).EndedWith(Exit.Interrupted);
    }

    [Fact]
    public async Task An_echo_that_is_owed_at_the_end_of_the_run_is_waited_for()
    {
        await using var server = TestServer.WithTls(certificates, async (stream, _) =>
        {
            byte[] message = new byte[1000];
            await stream.ReadExactlyAsync(message);
            // Longer than the run lasts.
            await Task.Delay(TimeSpan.FromSeconds(1.5));
            await stream.WriteAsync(message);
            await TestServer.EchoAsync(stream);
        });
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "2", "--size", "1000", "--duration", "300ms", "--drain-timeout", "20s");
        // They are answers, and not what the server did in the time that was measured.
        client.EndedWith(Exit.Success).WithOutput("After the end: 2 of them").WithOutput("Round trips per second: 0");
        Assert.Equal(2, client.Number("Round trips"));
    }

    [Fact]
    public async Task An_echo_that_does_not_come_within_the_drain_time_is_lost()
    {
        await using var server = TestServer.WithTls(certificates, (_, socket) => TestServer.DiscardAsync(socket));
        ProgramResult client = await LoadRun.RunAsync(
            server.Address, certificates, "--clients", "1", "--size", "1000", "--duration", "300ms", "--drain-timeout", "300ms");
        client.EndedWith(Exit.ConnectionLost).WithError("--drain-timeout", "1000 of 1000 bytes of an echo did not come back");
    }

    // The first signal asks for the end, which does not come; so the second may come at any time after it, but not at once.
    private static async Task SignalUntilEndAsync(ProgramProcess program)
    {
        for (int i = 0; !program.HasExited && i < 100; i++)
        {
            await Task.Delay(100);
            if (!program.HasExited) program.Signal(PosixSignal.SIGTERM);
        }
    }

    // Sends until both directions are full: the server cannot get rid of its echo any more.
    private static async Task StuffAsync(RunningServer server, RawClient client)
    {
        byte[] block = new byte[1 << 16];
        Task sent = client.Tls.WriteAsync(block).AsTask();
        string queues = string.Empty;
        for (int unchanged = 0; unchanged < 10;)
        {
            if (await Task.WhenAny(sent, Task.Delay(200)) == sent)
            {
                await sent;
                sent = client.Tls.WriteAsync(block).AsTask();
            }

            // A slow server is not a full one: its queues must stay as they are, too.
            string now = ProcessView.TcpQueues(server.EndPoint.Port);
            unchanged = now == queues && !sent.IsCompleted ? unchanged + 1 : 0;
            queues = now;
        }

        // It fails when the server is gone.
        _ = sent.ContinueWith(t => t.Exception, TaskScheduler.Default);
    }
}
