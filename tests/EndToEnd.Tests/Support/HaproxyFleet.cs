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
    private ProgramProcess? _haproxy;

    private HaproxyFleet(Certificates certificates, string[] more) => (_certificates, _more) = (certificates, more);

    /// <summary>Where clients connect.</summary>
    public string Address => $"127.0.0.1:{_ports[6]}";

    public IReadOnlyList<RunningServer> Servers => _servers;

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
        // Two checks, half a second apart, and HAProxy counts on it again.
        await Task.Delay(TimeSpan.FromSeconds(2));
    }

    public async ValueTask DisposeAsync()
    {
        if (_haproxy is not null) await _haproxy.DisposeAsync();
        foreach (RunningServer server in _servers)
        {
            if (server is not null) await server.DisposeAsync();
        }
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

        _haproxy = new ProgramProcess(
            Programs.OnPath("haproxy")!, ["-db", "-f", Programs.InRepository("deploy/haproxy/tcp.cfg")], environment);
        await WaitUntilServedAsync();
    }

    private Task<RunningServer> StartServerAsync(int index) => RunningServer.StartAsync(
    [
        "--listen", $"127.0.0.1:{_ports[index]}", "--admin", $"127.0.0.1:{_ports[3 + index]}", .. _certificates.ServerOptions,
        "--proxy-protocol", "required", "--proxy-from", "127.0.0.1", "--drain-delay", "2s", .. _more,
    ]);

    private async Task WaitUntilServedAsync()
    {
        ProgramResult result;
        do result = await LoadRun.RunAsync(Address, _certificates, "--clients", "1", "--messages", "1");
        while (result.ExitCode != Exit.Success && !_haproxy!.HasExited);
        result.EndedWith(Exit.Success);
    }
}
