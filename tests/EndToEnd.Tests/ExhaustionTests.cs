using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Too much at once, and too little of something: the server stays up, and is as before when it is over.</summary>
public sealed class ExhaustionTests(Certificates certificates)
{
    [Fact]
    public async Task A_client_of_a_thousand_connections_that_is_killed_leaves_nothing_behind()
    {
        const int connections = 1000;
        const long allowed = 8 * 1024 * 1024;
        Requires.Linux("/proc");
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--quiet");
        // As many as later, so that what is made once (compiled code, heaps of the C library) is there before memory is looked at.
        (await LoadRun.RunAsync(server.Address, certificates, "--clients", $"{connections}", "--messages", $"{connections}"))
            .EndedWith(Exit.Success);
        await using RawClient slow = await RawClient.ConnectAsync(server.EndPoint, certificates);
        await slow.EchoAsync();
        const long atRest = 28 * 1024 * 1024;
        await TimeLimit.Until(
            () => ProcessMemory.ReadPrivate(server.Process.Id) < atRest, "the memory of the first thousand is given back");
        int descriptors = server.CountDescriptors();
        long memory = ProcessMemory.ReadPrivate(server.Process.Id);

        await using (ProgramProcess client = LoadRun.Start(
            server.Address, certificates, "--clients", $"{connections}", "--wait", "--quiet"))
        {
            await client.WaitForLineAsync("Press any key");
            await client.TypeAsync(string.Empty);
            await TimeLimit.Until(() => server.CountDescriptors() >= descriptors + connections, "all are connected");
            Assert.True(
                ProcessMemory.ReadPrivate(server.Process.Id) > memory + (2 * allowed),
                "A thousand connections take no memory to speak of.");
            int threads = ProcessView.CountThreads(server.Process.Id);
            // Under load: some echoes are being read, some written.
            await Task.Delay(300);
            client.Kill();
            await client.ExitAsync();
            await TimeLimit.Until(() => server.CountDescriptors() <= descriptors + 8, "the descriptors of all are back");
            await TimeLimit.Until(() => ProcessView.CountCloseWait(server.EndPoint.Port) == 0, "no connection is left in CLOSE-WAIT");
            const int more = 8;
            Assert.InRange(ProcessView.CountThreads(server.Process.Id), 1, threads + more);
        }

        // Some connection always has something to say. That keeps no memory from being given back.
        var clock = Stopwatch.StartNew();
        while (ProcessMemory.ReadPrivate(server.Process.Id) > memory + allowed)
        {
            Assert.True(
                clock.Elapsed < TimeLimit.Default,
                $"The server has {ProcessMemory.ReadPrivate(server.Process.Id)} bytes, and had {memory}.");
            await slow.EchoAsync();
            await Task.Delay(100);
        }

        (await LoadRun.RunAsync(server.Address, certificates, "--clients", "20", "--messages", "200")).EndedWith(Exit.Success);
        ProgramResult report = await server.StopAsync();
        Assert.DoesNotContain(report.Output, l => l.Contains("HandlerFault", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("full")]
    [InlineData("stuck")]
    public async Task Output_that_cannot_be_written_holds_up_nobody(string output)
    {
        Requires.Linux("/dev/full");
        const int port = 0;
        using var log = new TempFolder();
        // The port is found out from the kernel, because the server cannot tell it.
        string sink = output == "full" ? ">/dev/full" : $"| {{ echo $BASHPID >'{log["reader"]}'; exec sleep 60; }}";
        string script = string.Create(
            CultureInfo.InvariantCulture,
            $"\"$@\" --listen 127.0.0.1:{port} --verbose --drain-timeout 2s {sink} & echo $! >'{log["unused"]}'; wait");
        string[] words = [Programs.Server, .. certificates.ServerOptions];
        await using var shell = new ProgramProcess(Programs.Bash!, ["-c", script, "bash", .. words]);
        int server = await FindChildAsync("rawecho-server", shell.Id);
        string address = await ProcessView.ListeningAddressAsync(server);
        // Far more lines than a pipe holds: each connection is described in full.
        for (int i = 0; i < 4; i++)
            (await LoadRun.RunAsync(address, certificates, "--clients", "100", "--messages", "1000")).EndedWith(Exit.Success);
        Assert.Equal(0, kill(server, 15));
        await TimeLimit.Until(
            () => !Directory.Exists($"/proc/{server}")
                || File.ReadAllText($"/proc/{server}/stat").Contains(") Z", StringComparison.Ordinal),
            "the server has ended");
        if (output == "stuck")
            Assert.Equal(0, kill(int.Parse(await File.ReadAllTextAsync(log["reader"]), CultureInfo.InvariantCulture), 9));
        await shell.ExitAsync();
    }

    [Fact]
    public async Task A_disk_that_takes_no_more_is_named_and_nothing_half_written_is_left()
    {
        Requires.Linux("ulimit -f");
        using var folder = new TempFolder();
        string certs = Path.Combine(Path.GetDirectoryName(Programs.Server)!, "rawecho-certs");
        // A file may not grow at all; the runtime's own mapping of code is a file too, unless it is told to do without.
        var environment = new Dictionary<string, string> { ["DOTNET_EnableWriteXorExecute"] = "0" };
        await using var full = new ProgramProcess(
            Programs.Bash!, ["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "bash", certs, "create", "--dir", folder["pki"]], environment);
        ProgramResult result = await full.ExitAsync();
        Assert.Equal(Exit.Certificate, result.ExitCode);
        Assert.Single(result.Errors);
        Assert.Empty(Directory.Exists(folder["pki"]) ? Directory.GetFiles(folder["pki"], "*", SearchOption.AllDirectories) : []);

        await using var readOnly = new ProgramProcess(certs, ["create", "--dir", "/proc/rawecho"]);
        result = await readOnly.ExitAsync();
        Assert.Equal(Exit.Certificate, result.ExitCode);
        Assert.Single(result.Errors);
    }

    private static async Task<int> FindChildAsync(string name, int ancestor)
    {
        int found = 0;
        await TimeLimit.Until(
            () => (found = ChildrenOf(ancestor).FirstOrDefault(p => NameOf(p) == name[..Math.Min(15, name.Length)])) != 0, $"{name} runs");
        return found;
    }

    private static IEnumerable<int> ChildrenOf(int process)
    {
        string list = $"/proc/{process}/task/{process}/children";
        string[] words = File.Exists(list) ? File.ReadAllText(list).Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        int[] children = [.. words.Select(w => int.Parse(w, CultureInfo.InvariantCulture))];
        return children.Concat(children.SelectMany(ChildrenOf));
    }

    private static string NameOf(int process) =>
        File.Exists($"/proc/{process}/comm") ? File.ReadAllText($"/proc/{process}/comm").Trim() : string.Empty;

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int process, int signal);
}
