using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// Runs the commands of a document from top to bottom in one folder, beside a server, and compares the form of what comes with what is
/// shown: every line shown must come, with other numbers. Measurements are made shorter, and well-known ports give way to free ones. A
/// session ("$ command" and what it prints) needs no mark. The marks that a block may have above it:
/// <list type="table">
/// <item><term>server</term><description>the first command is a server, which takes the place of the one before</description></item>
/// <item><term>server: COMMAND</term><description>the same, for a server that is not shown</description></item>
/// <item><term>meanwhile: COMMAND</term><description>runs when the block's server listens, and may fail</description></item>
/// <item><term>log</term><description>the block is what the server says sooner or later</description></item>
/// <item><term>stopped</term><description>the block is what the server says when it is told to stop</description></item>
/// <item><term>first: COMMAND</term><description>runs before the block, and succeeds</description></item>
/// <item><term>with: COMMAND</term><description>runs beside the block</description></item>
/// <item><term>as: COMMAND</term><description>runs instead of the first command, and differs from it by numbers alone</description></item>
/// <item><term>where: A =&gt; B</term><description>the commands have B where A is shown</description></item>
/// <item><term>interrupted</term><description>each command gets Ctrl-C after some seconds</description></item>
/// <item><term>run</term><description>every line is a command, and succeeds</description></item>
/// <item><term>run by: CLASS.TEST</term><description>another test runs it</description></item>
/// </list>
/// </summary>
internal sealed partial class DocumentRun : IAsyncDisposable
{
    private const string Mark = "--- the next command ---";
    private static readonly string[] WellKnown = ["7443", "8443", "9090", "8080", "4317"];

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string> _ports = [], _environment = [];
    private ProgramProcess? _server;

    /// <summary>What is not as shown, with the command.</summary>
    public List<string> Differences { get; } = [];

    public async Task RunAsync(string document)
    {
        await PrepareAsync();
        string text = WithFreePorts(await File.ReadAllTextAsync(Programs.InRepository(document)));
        foreach (DocumentBlock block in Document.BlocksOf(text).Where(b => !b.Is("run by"))) await RunBlockAsync(block);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task PrepareAsync()
    {
        File.CreateSymbolicLink(_folder["out"], Programs.Folder);
        Directory.CreateDirectory(_folder["certs"]);
        Directory.CreateDirectory(_folder["tmp"]);
        File.CreateSymbolicLink(_folder["certs/dev"], Programs.InRepository("certs/dev"));
        foreach ((string known, string free) in WellKnown.Zip(FreePorts.Take(WellKnown.Length))) _ports[known] = free;
        _environment["PATH"] = $"{Programs.Folder}:{Environment.GetEnvironmentVariable("PATH")}";
        _environment["RAWECHO_LISTEN"] = _environment["RAWECHO_SERVER"] = $"localhost:{_ports["7443"]}";
        // The diagnostics see the programs of this run, and no others.
        _environment["TMPDIR"] = _folder["tmp"];
        await StartServerAsync(new DocumentBlock(string.Empty, []), $"rawecho-server --http localhost:{_ports["8443"]}");
        // The results of two clients, to merge and to compare.
        await SucceedAsync("for n in a b; do rawecho-client run --duration 1s --rate 500 --json > $n.json; done");
    }

    private async Task RunBlockAsync(DocumentBlock block)
    {
        foreach (string command in block.ValuesOf("first")) await SucceedAsync(command);
        if (block.ValuesOf("server").FirstOrDefault() is { Length: > 0 } hidden) await StartServerAsync(block, hidden);
        var beside = new List<ProgramProcess>();
        try
        {
            foreach (string command in block.ValuesOf("with")) beside.Add(await StartAsync(command, "connected"));
            _environment["client"] = beside.Count > 0 ? beside[0].Id.ToString(CultureInfo.InvariantCulture) : string.Empty;
            if (block.Is("log")) await LogShowsAsync(block.Text);
            else if (block.Is("stopped")) await StopShowsAsync(block.Text);
            else if (block.Is("run")) await RunLinesAsync(block);
            else if (block.IsSession || block.ValuesOf("server").Contains(string.Empty)) await RunSessionAsync(block);
        }
        finally
        {
            foreach (ProgramProcess program in beside) await program.DisposeAsync();
        }
    }

    private async Task RunSessionAsync(DocumentBlock block)
    {
        string text = block.IsSession ? block.Text : $"$ {block.Text.Replace("\n", "\n$ ", StringComparison.Ordinal)}";
        (string Command, string[] Shown)[] steps = [.. Steps().Matches(text).Select(StepOf)];
        (string Command, string[] Shown)? server = null;
        if (block.ValuesOf("server").Contains(string.Empty))
        {
            server = steps[0];
            steps = steps[1..];
            await StartServerAsync(block, Changed(block, server.Value.Command));
        }

        if (steps.Length > 0) await RunStepsAsync(block, steps);
        if (server is { } started) await LogShowsAsync(string.Join('\n', started.Shown));
    }

    private async Task RunStepsAsync(DocumentBlock block, (string Command, string[] Shown)[] steps)
    {
        // One shell for all of them, so that "echo $?" has something to say.
        var script = new StringBuilder();
        foreach ((string command, _) in steps)
        {
            string changed = Changed(block, command);
            if (command == steps[0].Command && block.ValuesOf("as").FirstOrDefault() is { } other)
            {
                Assert.Equal(LineForm.Of(command), LineForm.Of(other));
                changed = other;
            }

            script.Append(CultureInfo.InvariantCulture, $"{changed}\n_status=$?; echo; echo '{Mark}'; (exit $_status)\n");
        }

        ProgramResult result = await RunShellAsync(script.ToString());
        string[] outputs = string.Join('\n', result.Output).Split(Mark);
        for (int i = 0; i < steps.Length; i++) Compare(steps[i].Command, steps[i].Shown, outputs[i]);
    }

    private async Task RunLinesAsync(DocumentBlock block)
    {
        foreach (string line in block.Text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
        {
            ProgramResult result = await RunShellAsync(Changed(block, line));
            const int interrupted = 130;
            if (result.ExitCode == 0 || (block.Is("interrupted") && result.ExitCode == interrupted)) continue;
            Differences.Add($"{line}\n  ended with {result.ExitCode}: {result}");
        }
    }

    private void Compare(string command, string[] shown, string output)
    {
        HashSet<string> forms = [.. output.Split('\n').Select(LineForm.Of)];
        string[] missing = [.. shown.Where(l => !LineForm.Comes(l, forms)).Select(l => $"  shown: {l}\n  form:  {LineForm.Of(l)}")];
        if (missing.Length > 0) Differences.Add($"{command}\n{string.Join('\n', missing)}\n  comes: {output.Trim()}");
    }

    private async Task LogShowsAsync(string shown)
    {
        foreach (string line in shown.Split('\n').Where(l => l.Trim() is not ("" or "...")))
            await _server!.WaitForLineAsync(l => LineForm.Comes(line, [LineForm.Of(l)]), line);
    }

    private async Task StopShowsAsync(string shown)
    {
        _server!.Signal(PosixSignal.SIGTERM);
        ProgramResult result = await _server.ExitAsync();
        Compare("(stopped)", [.. shown.Split('\n').Where(l => l.Trim() is not ("" or "..."))], string.Join('\n', result.Output));
    }

    private async Task StartServerAsync(DocumentBlock block, string command)
    {
        if (_server is not null) await _server.DisposeAsync();
        _server = await StartAsync(command, command.StartsWith("openssl", StringComparison.Ordinal) ? "ACCEPT" : "Server started");
        _environment["server"] = _server.Id.ToString(CultureInfo.InvariantCulture);
        foreach (string meanwhile in block.ValuesOf("meanwhile")) await RunShellAsync(meanwhile);
    }

    private async Task<ProgramProcess> StartAsync(string command, string ready)
    {
        var program = new ProgramProcess(Programs.Bash!, ["-c", $"exec 2>&1 </dev/null; exec {command}"], _environment, _folder.Path);
        await program.WaitForLineAsync(ready);
        return program;
    }

    private async Task<ProgramResult> RunShellAsync(string script)
    {
        await using var shell = new ProgramProcess(Programs.Bash!, ["-c", $"exec 2>&1 </dev/null\n{script}"], _environment, _folder.Path);
        return await shell.ExitAsync();
    }

    private async Task SucceedAsync(string command)
    {
        ProgramResult result = await RunShellAsync(command);
        Assert.True(result.ExitCode == 0, $"{command} ended with {result.ExitCode}:\n{result}");
    }

    // A second shows the form as well as ten; of a recording the first second has no rows of the runtime.
    private static string Changed(DocumentBlock block, string command)
    {
        foreach (string[] pair in block.ValuesOf("where").Select(w => w.Split(" => ")))
            command = command.Replace(pair[0], pair[1], StringComparison.Ordinal);
        if (block.Is("interrupted") && !command.StartsWith("echo ", StringComparison.Ordinal))
            return $"timeout --preserve-status --signal INT 3 {command}";
        return Durations().Replace(command, m => m.Groups["option"].Value switch
        {
            "--warmup" => "--warmup 200ms",
            "--duration" when command.Contains(" record ", StringComparison.Ordinal) => "--duration 6s",
            var option => $"{option} 1s",
        });
    }

    private static (string Command, string[] Shown) StepOf(Match step) =>
    (
        step.Groups["command"].Value,
        [.. step.Groups["output"].Value.Split('\n').Select(WithoutKeys).Where(l => l.Trim() is not ("" or "...") && !LineForm.IsChance(l))]
    );

    // What a terminal echoes when somebody presses Ctrl-C.
    private static string WithoutKeys(string line) => line.StartsWith("^C", StringComparison.Ordinal) ? line[2..] : line;

    private string WithFreePorts(string text) => Ports().Replace(text, m => $":{_ports[m.Groups["port"].Value]}");

    // A command goes on behind a backslash and within quotes.
    [GeneratedRegex(@"^\$ (?<command>(?:[^'\n\\]|\\\n|\\.|'[^']*')*)\n?(?<output>(?:(?!^\$ ).*\n?)*)", RegexOptions.Multiline)]
    private static partial Regex Steps();

    [GeneratedRegex(@"(?<option>--duration|--warmup|--interval) \d+\w+")]
    private static partial Regex Durations();

    [GeneratedRegex(@"(?<=localhost|127\.0\.0\.1):(?<port>7443|8443|9090|8080|4317)\b")]
    private static partial Regex Ports();
}
