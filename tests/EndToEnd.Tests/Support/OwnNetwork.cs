using System.Globalization;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// A server in its own network namespace (network_namespaces(7)), and programs that join it. The rest of the machine is unaffected.
/// </summary>
internal sealed class OwnNetwork : IAsyncDisposable
{
    private OwnNetwork(RunningServer server) => Server = server;

    public RunningServer Server { get; }

    // Who is not root may have one all the same, where he may be root of a user namespace.
    private static string[] Own => Environment.IsPrivilegedProcess ? ["--net", "--mount"] : ["--net", "--mount", "--map-root-user"];

    /// <summary>Starts a server in a new one; skips the test where that is not permitted.</summary>
    /// <param name="certificates">Whose server.</param>
    /// <param name="settings">Commands that set the network up, for bash.</param>
    /// <param name="address">Where the server listens.</param>
    public static async Task<OwnNetwork> StartAsync(Certificates certificates, string settings, string address)
    {
        Requires.Linux("network namespaces");
        Assert.SkipWhen(
            Programs.Unshare is null || Programs.NsEnter is null || Programs.Ip is null,
            "There is no unshare, nsenter and ip on this machine.");
        settings = $"ip link set lo up && {settings}";
        await using (var attempt = new ProgramProcess(Programs.Unshare!, [.. Own, Programs.Bash!, "-c", settings]))
        {
            ProgramResult result = await attempt.ExitAsync();
            Assert.SkipUnless(result.ExitCode == 0, $"Such a network is not permitted here: {string.Join(' ', result.Errors)}");
        }

        string[] server = [Programs.Server, "--listen", address, .. certificates.ServerOptions];
        return new(await RunningServer.OfAsync(
            new ProgramProcess(Programs.Unshare!, [.. Own, Programs.Bash!, "-c", $"{settings} && exec \"$@\"", "bash", .. server])));
    }

    /// <summary>Starts another server in it.</summary>
    public Task<RunningServer> StartServerAsync(Certificates certificates, string address) =>
        RunningServer.OfAsync(Start(Programs.Server, ["--listen", address, .. certificates.ServerOptions]));

    /// <summary>Starts the client in it, with a command.</summary>
    public ProgramProcess StartClient(Certificates certificates, params string[] arguments)
    {
        string[] server = arguments.Contains("--server") ? [] : ["--server", Server.Address];
        return Start(Programs.Client, [arguments[0], .. server, .. certificates.ClientOptions, .. arguments[1..]]);
    }

    /// <summary>Runs the client in it, to its end.</summary>
    public async Task<ProgramResult> RunClientAsync(Certificates certificates, params string[] arguments)
    {
        await using ProgramProcess running = StartClient(certificates, arguments);
        ProgramResult result = await running.ExitAsync();
        return result with { Name = Path.GetFileNameWithoutExtension(Programs.Client) };
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private ProgramProcess Start(string program, string[] arguments)
    {
        string process = Server.Process.Id.ToString(CultureInfo.InvariantCulture);
        string[] user = Environment.IsPrivilegedProcess ? [] : ["--user", "--preserve-credentials"];
        return new ProgramProcess(Programs.NsEnter!, ["--target", process, "--net", "--mount", .. user, program, .. arguments]);
    }
}
