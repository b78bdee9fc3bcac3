using System.Net.Sockets;
using System.Text;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>deploy/haproxy/rolling-restart.sh, with servers that come back, and servers that do not.</summary>
public sealed class RollingRestartTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, TestServer> _servers = [];
    private readonly HashSet<string> _neverReady = [];

    public RollingRestartTests()
    {
        Assert.SkipWhen(Programs.OnPath("curl") is null || Programs.Bash is null, "There is no bash and curl on this machine.");
        foreach (string name in (string[])["a", "b", "c"])
        {
            int asked = 0;
            // Restarted, it is not ready for the first two questions.
            _servers[name] = new TestServer(s => AnswerAsync(s, !WasRestarted(name) || (!IsNeverReady(name) && ++asked > 2)));
        }
    }

    [Fact]
    public async Task Each_server_is_waited_for_before_the_next_one_is_restarted()
    {
        ProgramResult result = await RunAsync("date +%s%N > {}");
        result.EndedWith(0);
        Assert.Equal(["a: restarting", "a: ready", "b: restarting", "b: ready", "c: restarting", "c: ready"], result.Output);
        long[] times = [.. _servers.Keys.Select(n => long.Parse(File.ReadAllText(Restarted(n)), null))];
        // Two refusals and two good answers at least, half a second apart.
        Assert.All(times.Zip(times.Skip(1)), t => Assert.InRange(t.Second - t.First, 1_500_000_000, long.MaxValue));
    }

    [Fact]
    public async Task A_readiness_that_never_comes_leaves_the_others_alone()
    {
        _neverReady.Add("a");
        ProgramResult result = await RunAsync("touch {}", readyWithin: "2");
        result.EndedWith(4);
        Assert.Equal(["rolling-restart.sh: a is not ready after 2 s; left alone: b, c."], result.Errors);
        Assert.False(WasRestarted("b") || WasRestarted("c"));
    }

    [Fact]
    public async Task A_command_that_fails_leaves_the_others_alone()
    {
        ProgramResult result = await RunAsync("exit 7");
        result.EndedWith(4);
        Assert.Equal(["rolling-restart.sh: a was not restarted: the command ended with exit code 7; left alone: b, c."], result.Errors);
    }

    [Fact]
    public async Task Nothing_is_done_while_a_server_is_not_ready()
    {
        await File.WriteAllTextAsync(Restarted("c"), string.Empty);
        _neverReady.Add("c");
        ProgramResult result = await RunAsync("touch {}");
        result.EndedWith(3);
        Assert.Equal(["rolling-restart.sh: c is not ready: nothing was restarted."], result.Errors);
        Assert.False(WasRestarted("a"));
    }

    [Theory]
    [InlineData("60", "a", "a server is NAME=URL")]
    [InlineData("soon", "a=http://127.0.0.1:1", "READY_WITHIN is a number of seconds, not 'soon'")]
    [InlineData("60", null, "a command and at least one NAME=URL are needed")]
    public async Task Wrong_arguments_are_refused(string readyWithin, string? server, string expected)
    {
        ProgramResult result = await RunAsync("touch {}", readyWithin, server is null ? [] : [server]);
        result.EndedWith(2);
        Assert.Contains(expected, Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TestServer server in _servers.Values) await server.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task AnswerAsync(Socket socket, bool isReady)
    {
        await socket.ReceiveAsync(new byte[1024]);
        string head = isReady ? "200 OK" : "503 Service Unavailable";
        await socket.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    }

    private string Restarted(string name) => Path.Combine(_folder.Path, name);

    private bool WasRestarted(string name) => File.Exists(Restarted(name));

    private bool IsNeverReady(string name) => _neverReady.Contains(name);

    private async Task<ProgramResult> RunAsync(string command, string readyWithin = "60", string[]? servers = null)
    {
        servers ??= [.. _servers.Select(s => $"{s.Key}=http://{s.Value.Address}")];
        await using var script = new ProgramProcess(
            Programs.Bash!,
            [Programs.InRepository("deploy/haproxy/rolling-restart.sh"), command, .. servers],
            new Dictionary<string, string> { ["READY_WITHIN"] = readyWithin },
            _folder.Path);
        return await script.ExitAsync();
    }
}
