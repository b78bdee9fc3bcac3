using System.Globalization;
using System.Net.Sockets;
using System.Text;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>What the server tells a service manager (sd_notify(3)), and what it takes from one (sd_listen_fds(3)).</summary>
public sealed class ServiceManagerTests(Certificates certificates)
{
    [Fact]
    public async Task It_is_told_that_the_server_is_ready_alive_and_stopping()
    {
        Requires.Linux("sd_notify");
        using var manager = new Manager();
        await using RunningServer server = await StartAsync(manager, ("WATCHDOG_USEC", "400000"));
        Assert.Equal("READY=1\nSTATUS=0 clients connected", await manager.HearAsync());
        await using ProgramProcess client = LoadRun.Start(server.Address, certificates, "--clients", "3", "--duration", "5m");
        string alive;
        do alive = await manager.HearAsync();
        while (!alive.Contains('3', StringComparison.Ordinal));
        Assert.Equal("WATCHDOG=1\nSTATUS=3 clients connected", alive);
        await server.StopAsync();
        string last;
        do last = await manager.HearAsync();
        while (last.StartsWith("WATCHDOG", StringComparison.Ordinal));
        Assert.Equal("STOPPING=1\nSTATUS=3 clients connected", last);
    }

    [Fact]
    public async Task A_watchdog_of_another_process_is_not_this_one_s()
    {
        Requires.Linux("sd_notify");
        using var manager = new Manager();
        await using RunningServer server = await StartAsync(manager, ("WATCHDOG_USEC", "100000"), ("WATCHDOG_PID", "1"));
        Assert.StartsWith("READY=1", await manager.HearAsync());
        await server.StopAsync();
        Assert.StartsWith("STOPPING=1", await manager.HearAsync());
    }

    [Theory]
    [InlineData(6)]
    // More than an address of a Unix socket can hold.
    [InlineData(200)]
    public async Task A_manager_that_is_not_there_is_told_of_once_and_the_server_serves(int length)
    {
        Requires.Linux("sd_notify");
        using var folder = new TempFolder();
        await using RunningServer server = await StartAsync(
            ("NOTIFY_SOCKET", Path.Combine(folder.Path, new string('n', length))), ("WATCHDOG_USEC", "100000"));
        await server.Process.WaitForLineAsync("The service manager cannot be told how this server stands (NOTIFY_SOCKET)");
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "2", "--messages", "20")).EndedWith(Exit.Success);
        Assert.Equal(1, (await server.StopAsync()).Count("cannot be told"));
    }

    [Fact]
    public async Task A_watchdog_without_a_time_is_refused()
    {
        Requires.Linux("sd_notify");
        using var manager = new Manager();
        await using ProgramProcess server = Start(manager.Variable, ("WATCHDOG_USEC", "soon"));
        (await server.ExitAsync()).EndedWith(Exit.Usage).WithError("WATCHDOG_USEC", "'soon'");
    }

    [Fact]
    public async Task Sockets_that_are_passed_are_listened_on_by_their_names()
    {
        Requires.Linux("sd_listen_fds");
        string? activate = Programs.OnPath("systemd-socket-activate");
        Assert.SkipWhen(activate is null, "There is no systemd-socket-activate on this machine.");
        string[] ports = FreePorts.Take(3);
        await using var server = new ProgramProcess(
            activate!,
            [
                "-l", $"127.0.0.1:{ports[0]}", "-l", $"127.0.0.1:{ports[1]}", "-l", $"127.0.0.1:{ports[2]}", "--fdname", "echo:http:admin",
                Programs.Server, .. certificates.ServerOptions,
            ]);
        await server.WaitForLineAsync($"Listening on 127.0.0.1:{ports[2]}");
        // The first connection starts it.
        (await LoadRun.RunAsync($"127.0.0.1:{ports[0]}", certificates, "--clients", "2", "--messages", "20")).EndedWith(Exit.Success);
        Assert.Contains(server.Lines, l => l == $"Serving HTTP on https://127.0.0.1:{ports[1]}/");
        Assert.Contains(server.Lines, l => l == $"Admin pages on http://127.0.0.1:{ports[2]}/");
        await using var get = new ProgramProcess(
            Programs.Client, ["get", $"https://127.0.0.1:{ports[1]}/", .. certificates.ClientOptions]);
        (await get.ExitAsync()).EndedWith(Exit.Success);
        using var http = new HttpClient();
        Assert.Equal("ready\n", await http.GetStringAsync(new Uri($"http://127.0.0.1:{ports[2]}/readyz")).WithinLimit());
        Assert.DoesNotContain("Listening on 127.0.0.1:7443", server.Lines);
    }

    [Theory]
    [InlineData("LISTEN_FDS=1", "exec 3</dev/null", Exit.Network, "Descriptor 3 is no TCP socket that listens")]
    [InlineData("LISTEN_FDS=1", "exec 3>&-", Exit.Network, "Descriptor 3 is no TCP socket that listens")]
    [InlineData("LISTEN_FDS=1", "exec 3<>/dev/tcp/127.0.0.1/PORT", Exit.Network, "Descriptor 3 is no TCP socket that listens")]
    [InlineData("LISTEN_FDS=many", ":", Exit.Usage, "LISTEN_FDS is a number up to 253, not 'many'")]
    [InlineData("LISTEN_FDS=9999", ":", Exit.Usage, "LISTEN_FDS is a number up to 253, not '9999'")]
    [InlineData("LISTEN_FDS=1 LISTEN_FDNAMES=echo:http", ":", Exit.Usage, "LISTEN_FDS says 1 sockets, and LISTEN_FDNAMES has names for 2")]
    [InlineData("LISTEN_FDS=1 LISTEN_FDNAMES=ftp", ":", Exit.Usage, "a socket named 'ftp'")]
    public async Task What_is_passed_and_is_no_listening_socket_is_refused_with_a_sentence(
        string variables, string before, int exitCode, string expected)
    {
        Requires.Linux("sd_listen_fds");
        await using var peer = new TestServer(_ => Task.CompletedTask);
        string port = peer.EndPoint.Port.ToString(CultureInfo.InvariantCulture);
        string script = $"{before.Replace("PORT", port, StringComparison.Ordinal)}; export LISTEN_PID=$$ {variables}; exec \"$@\"";
        await using var server = new ProgramProcess(
            Programs.Bash!, ["-c", script, "bash", Programs.Server, .. certificates.ServerOptions]);
        ProgramResult result = (await server.ExitAsync()).EndedWith(exitCode);
        Assert.Contains(expected, Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sockets_that_are_another_process_s_are_left_alone()
    {
        await using RunningServer server = await StartAsync(("LISTEN_PID", "1"), ("LISTEN_FDS", "many"));
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "2", "--messages", "20")).EndedWith(Exit.Success);
    }

    private ProgramProcess Start(params (string Name, string Value)[] variables) => new(
        Programs.Server,
        ["--listen", "127.0.0.1:0", .. certificates.ServerOptions],
        variables.ToDictionary(v => v.Name, v => v.Value));

    private Task<RunningServer> StartAsync(params (string Name, string Value)[] variables) => RunningServer.OfAsync(Start(variables));

    private Task<RunningServer> StartAsync(Manager manager, params (string Name, string Value)[] variables) =>
        StartAsync([manager.Variable, .. variables]);

    /// <summary>Listens as a service manager does.</summary>
    private sealed class Manager : IDisposable
    {
        private readonly TempFolder _folder = new();
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

        public Manager() => _socket.Bind(new UnixDomainSocketEndPoint(Address));

        public (string Name, string Value) Variable => ("NOTIFY_SOCKET", Address);

        private string Address => Path.Combine(_folder.Path, "notify");

        public async Task<string> HearAsync()
        {
            byte[] buffer = new byte[1024];
            int read = await _socket.ReceiveAsync(buffer).WithinLimit();
            return Encoding.UTF8.GetString(buffer, 0, read);
        }

        public void Dispose()
        {
            _socket.Dispose();
            _folder.Dispose();
        }
    }
}
