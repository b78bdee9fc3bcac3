using System.Net.Sockets;
using System.Text;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>Three servers behind HAProxy, as deploy/haproxy/tcp.cfg has them.</summary>
internal sealed class HaproxyFleet : IAsyncDisposable
{
    private readonly Certificates _certificates;
    private readonly string[] _more;
    private readonly RunningServer[] _servers = new RunningServer[3];
    private readonly string[] _ports = FreePorts.Take(7);
    private readonly TempFolder _folder = new();
    private ProgramProcess? _haproxy;

    private HaproxyFleet(Certificates certificates, string[] more) => (_certificates, _more) = (certificates, more);

    /// <summary>Where clients connect.</summary>
    public string Address => $"127.0.0.1:{_ports[6]}";

    public IReadOnlyList<RunningServer> Servers => _servers;

    private string Runtime => Path.Combine(_folder.Path, "haproxy");

    public static async Task<HaproxyFleet> StartAsync(Certificates certificates, params string[] more)
    {
        Assert.SkipWhen(Programs.OnPath("haproxy") is null, "There is no haproxy on this machine.");
        var fleet = new HaproxyFleet(certificates, more);
        try
        {
            await fleet.StartAllAsync();
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Stops a server, which has echoed whatever it has read, starts another one in its place, and waits until HAProxy has seen that it is
    /// ready.
    /// </summary>
    public async Task RestartAsync(int index)
    {
        ProgramResult stopped = await _servers[index].StopAsync();
        Assert.Equal(stopped.Number("Bytes received"), stopped.Number("Bytes sent"));
        await _servers[index].DisposeAsync();
        _servers[index] = await StartServerAsync(index);
        await TimeLimit.Until(() => Ask("show stat").Split('\n').Any(l => IsUp(l, "abc"[index])), "HAProxy counts on the server again");
    }

    public async ValueTask DisposeAsync()
    {
        if (_haproxy is not null) await _haproxy.DisposeAsync();
        foreach (RunningServer server in _servers)
        {
            if (server is not null) await server.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task StartAllAsync()
    {
        for (int i = 0; i < _servers.Length; i++) _servers[i] = await StartServerAsync(i);
        var environment = new Dictionary<string, string> { ["RAWECHO_BIND"] = Address };
        foreach ((int i, string name) in new[] { "A", "B", "C" }.Index())
        {
            environment[$"RAWECHO_{name}"] = $"127.0.0.1:{_ports[i]}";
            environment[$"RAWECHO_{name}_ADMIN"] = _ports[3 + i];
        }

        string more = Path.Combine(_folder.Path, "more.cfg");
        await File.WriteAllTextAsync(more, $"global\n    stats socket {Runtime}\n");
        _haproxy = new ProgramProcess(
            Programs.OnPath("haproxy")!, ["-db", "-f", Programs.InRepository("deploy/haproxy/tcp.cfg"), "-f", more], environment);
        await WaitUntilServedAsync();
    }

    // A line of HAProxy's table (management guide, 9.1): proxy, server, and, among others, its state. One that was down is "UP" again
    // when as many checks have passed as are to.
    private static bool IsUp(string line, char server) =>
        line.StartsWith($"rawecho,{server},", StringComparison.Ordinal) && line.Split(',').Contains("UP");

    private string Ask(string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.ReceiveTimeout = (int)TimeLimit.Default.TotalMilliseconds;
        socket.Connect(new UnixDomainSocketEndPoint(Runtime));
        socket.Send(Encoding.ASCII.GetBytes($"{command}\n"));
        using var answer = new StreamReader(new NetworkStream(socket));
        return answer.ReadToEnd();
    }

    private Task<RunningServer> StartServerAsync(int index) => RunningServer.StartAsync(
    [
        "--listen", $"127.0.0.1:{_ports[index]}", "--admin", $"127.0.0.1:{_ports[3 + index]}", .. _certificates.ServerOptions,
        "--proxy-protocol", "required", "--proxy-from", "127.0.0.1", "--drain-delay", "1.2s", .. _more,
    ]);

    private async Task WaitUntilServedAsync()
    {
        ProgramResult result;
        do result = await LoadRun.RunAsync(Address, _certificates, "--clients", "1", "--messages", "1");
        while (result.ExitCode != Exit.Success && !_haproxy!.HasExited);
        result.EndedWith(Exit.Success);
    }
}
