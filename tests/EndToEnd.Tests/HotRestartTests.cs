using System.Net.Sockets;
using System.Text;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>A server that takes the place of another one (--handover), and what can go wrong with that.</summary>
public sealed class HotRestartTests(Certificates certificates) : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Path => System.IO.Path.Combine(_folder.Path, "handover");

    [Fact]
    public async Task Ten_hot_restarts_under_load_lose_no_message_and_refuse_nobody()
    {
        RequiresHandover();
        RunningServer server = await StartAsync("--http", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--quiet");
        try
        {
            string http = AddressIn(server, "Serving HTTP on "), admin = AddressIn(server, "Admin pages on ");
            await using ProgramProcess paced = Load(server, "--clients", "24", "--rate", "600");
            await using ProgramProcess fast = Load(server, "--clients", "4", "--depth", "8");
            await using ProgramProcess churn = Load(server, "--clients", "6", "--rate", "60", "--messages-per-connection", "10");
            await using ProgramProcess requests = new(
                Programs.Client, ["run", http, "--clients", "4", "--rate", "100", .. Always, .. certificates.ClientOptions]);
            using var readiness = new ReadinessWatch(new Uri($"{admin}readyz"));
            for (int i = 0; i < 10; i++)
            {
                // Some work is done by each of them.
                await Task.Delay(TimeSpan.FromMilliseconds(500));
                RunningServer next = await StartAsync("--http", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--quiet");
                Assert.Equal(server.EndPoint, next.EndPoint);
                Assert.Equal((http, admin), (AddressIn(next, "Serving HTTP on "), AddressIn(next, "Admin pages on ")));
                ProgramResult replaced = (await server.Process.ExitAsync()).EndedWith(Exit.Success);
                Assert.Contains(replaced.Output, l => l.Contains($"replaced by process {next.Process.Id}", StringComparison.Ordinal));
                await server.DisposeAsync();
                server = next;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500));
            foreach (ProgramProcess client in (ProgramProcess[])[paced, fast, churn, requests]) await LoadRun.StopWithoutLossAsync(client);
            Assert.Equal(0, await readiness.StopAsync());
            (await server.StopAsync()).WithOutput("Stopping (SIGTERM)");
            Assert.False(File.Exists(Path), "nobody waits there any more");
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_server_that_cannot_take_the_place_leaves_the_other_as_it_was()
    {
        RequiresHandover();
        await using RunningServer server = await StartAsync();
        await using var taken = new TestServer(_ => Task.CompletedTask);
        string[] failing = ["--listen", taken.Address, "--handover", Path, .. certificates.ServerOptions];
        await using (var second = new ProgramProcess(Programs.Server, failing))
        {
            (await second.ExitAsync()).EndedWith(Exit.Network).WithOneSentence("another program uses this port");
        }

        await server.Process.WaitForLineAsync("took the listening sockets, and did not get ready. This server goes on.");
        await EchoesAsync(server);

        // What is asked for beside what is there is opened; what is not asked for any more is closed with the old one.
        await using RunningServer next = await StartAsync("--listen", "127.0.0.1:0");
        Assert.Contains(next.Process.Lines, l => l == $"Listening on {server.Address}");
        (await server.Process.ExitAsync()).EndedWith(Exit.Success);
        await using RunningServer last = await RunningServer.StartAsync(
            ["--listen", server.Address, "--handover", Path, .. certificates.ServerOptions]);
        Assert.Equal(server.EndPoint, last.EndPoint);
        await EchoesAsync(last);
    }

    [Fact]
    public async Task Whoever_asks_wrongly_gets_no_sockets_and_holds_nobody_up()
    {
        RequiresHandover();
        await using RunningServer server = await StartAsync();
        // One closes at once, one talks nonsense, and one says nothing for longer than it may.
        using (Socket quitter = await ConnectAsync())
        using (Socket stranger = await ConnectAsync())
        using (Socket silent = await ConnectAsync())
        {
            quitter.Dispose();
            await stranger.SendAsync("GET / HTTP/1.1"u8.ToArray());
            Assert.Equal(0, await stranger.ReceiveAsync(new byte[100]).WithinLimit());
            Assert.Equal(0, await silent.ReceiveAsync(new byte[100]).WithinLimit());
        }

        await using RunningServer next = await StartAsync();
        (await server.Process.ExitAsync()).EndedWith(Exit.Success);
        await EchoesAsync(next);
    }

    [Fact]
    public async Task A_folder_that_is_gone_does_not_keep_the_server_from_stopping_in_order()
    {
        RequiresHandover();
        string folder = Directory.CreateDirectory(System.IO.Path.Combine(_folder.Path, "gone")).FullName;
        await using RunningServer server =
            await RunningServer.StartAsync(certificates, "--handover", System.IO.Path.Combine(folder, "handover"));
        await EchoesAsync(server);
        Directory.Delete(folder, recursive: true);
        (await server.StopAsync()).WithOutput("could not be removed").WithOutput("Endings: ");
    }

    [Theory]
    [InlineData("nonsense", "no rawecho-server that this one understands")]
    [InlineData("", "hands nothing over")]
    [InlineData(null, "did not answer within 5 s")]
    public async Task What_waits_there_and_is_no_server_ends_the_new_one_with_a_sentence(string? answer, string expected)
    {
        RequiresHandover();
        using var impostor = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        impostor.Bind(new UnixDomainSocketEndPoint(Path));
        impostor.Listen();
        await using var server = new ProgramProcess(
            Programs.Server, ["--listen", "127.0.0.1:0", "--handover", Path, .. certificates.ServerOptions]);
        using Socket peer = await impostor.AcceptAsync().WithinLimit();
        await peer.ReceiveAsync(new byte[100]).WithinLimit();
        if (answer is { Length: > 0 }) await peer.SendAsync(Encoding.ASCII.GetBytes(answer));
        if (answer is "") peer.Dispose();
        (await server.ExitAsync()).EndedWith(Exit.Network).WithOneSentence("--handover", expected);
    }

    [Fact]
    public async Task A_file_is_left_alone_and_a_socket_that_a_dead_server_left_behind_is_replaced()
    {
        RequiresHandover();
        await File.WriteAllTextAsync(Path, "precious");
        await using (var server = new ProgramProcess(
            Programs.Server, ["--listen", "127.0.0.1:0", "--handover", Path, .. certificates.ServerOptions]))
        {
            (await server.ExitAsync()).EndedWith(Exit.Usage).WithOneSentence("it is a file, and no socket");
        }

        Assert.Equal("precious", await File.ReadAllTextAsync(Path));
        File.Delete(Path);
        // Opening it would wait for a writer.
        await using (var pipe = new ProgramProcess(Programs.Bash!, ["-c", $"mkfifo {Path}"])) (await pipe.ExitAsync()).EndedWith(0);
        await using (var server = new ProgramProcess(
            Programs.Server, ["--listen", "127.0.0.1:0", "--handover", Path, .. certificates.ServerOptions]))
        {
            (await server.ExitAsync()).EndedWith(Exit.Usage).WithOneSentence("it is a pipe, and no socket");
        }

        File.Delete(Path);
        await using (RunningServer dead = await StartAsync())
        {
            dead.Process.Kill();
            await dead.Process.ExitAsync();
        }

        Assert.True(File.Exists(Path));
        await using RunningServer next = await StartAsync();
        await EchoesAsync(next);
    }

    [Theory]
    [InlineData("", "not ''")]
    [InlineData("no/such/folder/handover", "nobody can wait there")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789/0123456789",
        "at most 107 bytes")]
    public async Task A_path_that_cannot_be_is_refused(string path, string expected)
    {
        RequiresHandover();
        await using var server = new ProgramProcess(
            Programs.Server, ["--listen", "127.0.0.1:0", "--handover", path, .. certificates.ServerOptions]);
        ProgramResult result = await server.ExitAsync();
        Assert.True(result.ExitCode is Exit.Usage or Exit.Network, $"{result}");
        Assert.Contains(expected, Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Always => ["--duration", "5m", "--reconnect", "--json"];

    private static void RequiresHandover() => Requires.Linux("a process can pass its sockets on there alone");

    private static string AddressIn(RunningServer server, string before) =>
        server.Process.Lines.First(l => l.StartsWith(before, StringComparison.Ordinal))[before.Length..];

    private Task<RunningServer> StartAsync(params string[] more) =>
        RunningServer.StartAsync(certificates, ["--handover", Path, .. more]);

    private ProgramProcess Load(RunningServer server, params string[] more) =>
        LoadRun.Start(server.Address, certificates, [.. Always, .. more]);

    private async Task EchoesAsync(RunningServer server) =>
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "2", "--messages", "20")).EndedWith(Exit.Success);

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path)).WithinLimit();
        return socket;
    }

    /// <summary>Asks again and again whether the server is ready, as a balancer does, and counts the answers that say no.</summary>
    private sealed class ReadinessWatch : IDisposable
    {
        private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };
        private readonly CancellationTokenSource _stop = new();
        private readonly Task<int> _asking;

        public ReadinessWatch(Uri address) => _asking = AskAsync(address);

        public async Task<int> StopAsync()
        {
            await _stop.CancelAsync();
            return await _asking.WithinLimit();
        }

        public void Dispose()
        {
            _stop.Dispose();
            _client.Dispose();
        }

        private async Task<int> AskAsync(Uri address)
        {
            int refused = 0;
            while (!_stop.IsCancellationRequested)
            {
                // A connection for each question.
                using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { ConnectionClose = true } };
                using HttpResponseMessage response = await _client.SendAsync(request);
                if (!response.IsSuccessStatusCode) refused++;
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }

            return refused;
        }
    }
}
