using System.Globalization;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// A server in a network of its own (network_namespaces(7)) where a local address has few ports, and those of a connection that is over
/// rest for a whole minute: so ports run out after a hundred connections, and nothing else on the machine is touched.
/// </summary>
internal sealed class NarrowNetwork : IAsyncDisposable
{
    /// <summary>Ports of a local address, count.</summary>
    public const int Ports = 100;

    private const int FirstPort = 40_000;

    private NarrowNetwork(RunningServer server) => Server = server;

    public RunningServer Server { get; }

    // Who is not root may have one all the same, where he may be root of a user namespace.
    private static string[] Own => Environment.IsPrivilegedProcess ? ["--net"] : ["--net", "--map-root-user"];

    /// <summary>Starts a server in a new one; skips the test where that is not permitted.</summary>
    public static async Task<NarrowNetwork> StartAsync(Certificates certificates)
    {
        Requires.Linux("network namespaces");
        Assert.SkipWhen(Programs.Unshare is null || Programs.NsEnter is null || Programs.Ip is null, "There is no unshare, nsenter and ip on this machine.");
        string settings = string.Create(CultureInfo.InvariantCulture,
            $"ip link set lo up && echo {FirstPort} {FirstPort + Ports - 1} >/proc/sys/net/ipv4/ip_local_port_range && echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse");
        await using (var attempt = new ProgramProcess(Programs.Unshare!, [.. Own, Programs.Bash!, "-c", settings]))
        {
            ProgramResult result = await attempt.ExitAsync();
            Assert.SkipUnless(result.ExitCode == 0, $"A network namespace is not permitted here: {string.Join(' ', result.Errors)}");
        }

        string[] server = [Programs.Server, "--listen", "127.0.0.1:7443", .. certificates.ServerOptions];
        return new(await RunningServer.OfAsync(new ProgramProcess(Programs.Unshare!, [.. Own, Programs.Bash!, "-c", $"{settings} && exec \"$@\"", "bash", .. server])));
    }

    /// <summary>Starts the client in it, with a command.</summary>
    public ProgramProcess StartClient(Certificates certificates, params string[] arguments)
    {
        string process = Server.Process.Id.ToString(CultureInfo.InvariantCulture);
        string[] enter = ["--target", process, "--net", .. Environment.IsPrivilegedProcess ? Array.Empty<string>() : ["--user", "--preserve-credentials"]];
        string[] client = [Programs.Client, arguments[0], "--server", Server.Address, .. certificates.ClientOptions, .. arguments[1..]];
        return new ProgramProcess(Programs.NsEnter!, [.. enter, .. client]);
    }

    /// <summary>Runs the client in it, to its end.</summary>
    public async Task<ProgramResult> RunClientAsync(Certificates certificates, params string[] arguments)
    {
        await using ProgramProcess running = StartClient(certificates, arguments);
        ProgramResult result = await running.ExitAsync();
        return result with { Name = Path.GetFileNameWithoutExtension(Programs.Client) };
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
