using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>
/// Runs the sessions of a document ("$ command" and what it prints, in blocks) from top to bottom in one folder, beside a server of their
/// own, and compares the form of what comes with what is shown: every line shown must come, with other numbers. Measurements are made
/// shorter, and well-known ports give way to free ones. A block below "&lt;!-- not run: REASON --&gt;" is left out.
/// </summary>
internal sealed partial class DocumentRun : IAsyncDisposable
{
    private const string Mark = "--- the next command ---";

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string> _ports = [], _environment = [];
    private ProgramProcess? _server;

    /// <summary>What was left out, as the marks say.</summary>
    public List<string> LeftOut { get; } = [];

    /// <summary>What is not as shown, with the command.</summary>
    public List<string> Differences { get; } = [];

    public async Task RunAsync(string document)
    {
        File.CreateSymbolicLink(_folder["out"], Programs.Folder);
        Directory.CreateDirectory(_folder["certs"]);
        File.CreateSymbolicLink(_folder["certs/dev"], Programs.InRepository("certs/dev"));
        string text = WithFreePorts(await File.ReadAllTextAsync(Programs.InRepository(document)));
        string[] options = ["--listen", $"localhost:{_ports["7443"]}", "--http", $"localhost:{_ports["8443"]}"];
        _server = new ProgramProcess(Programs.Server, options, _environment, _folder.Path);
        await _server.WaitForLineAsync("Server started");
        // The results of two clients, to merge and to compare.
        await RunBlockAsync("$ for n in a b; do rawecho-client run --duration 1s --rate 500 --json > $n.json; done");
        foreach (Match block in Blocks().Matches(text))
        {
            if (block.Groups["reason"] is { Success: true } reason) LeftOut.Add(reason.Value);
            else await RunBlockAsync(block.Groups["text"].Value);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task RunBlockAsync(string block)
    {
        (string Command, string[] Shown)[] steps = [.. Steps().Matches(block).Select(StepOf)];
        // One shell for all of them, so that "echo $?" has something to say.
        var script = new StringBuilder();
        foreach ((string command, _) in steps)
            script.Append(CultureInfo.InvariantCulture, $"{Short(command)}\n_status=$?; echo; echo '{Mark}'; (exit $_status)\n");
        await using var shell = new ProgramProcess(Programs.Bash!, ["-c", $"exec 2>&1 </dev/null; {script}"], _environment, _folder.Path);
        ProgramResult result = await shell.ExitAsync();
        string[] outputs = string.Join('\n', result.Output).Split(Mark);
        for (int i = 0; i < steps.Length; i++)
        {
            HashSet<string> lines = [.. outputs[i].Split('\n').Select(Form)];
            foreach (string line in steps[i].Shown.Where(l => !Comes(Form(l), lines)))
                Differences.Add($"{steps[i].Command}\n  shown: {line}\n  form:  {Form(line)}\n  comes: {outputs[i].Trim()}");
        }
    }

    private static (string Command, string[] Shown) StepOf(Match step) =>
    (
        step.Groups["command"].Value,
        [.. step.Groups["output"].Value.Split('\n').Where(l => l.Trim() is not ("" or "...") && !Chance().IsMatch(l))]
    );

    private static bool Comes(string shown, HashSet<string> lines)
    {
        if (!shown.Contains("...", StringComparison.Ordinal)) return lines.Contains(shown);
        var pattern = new Regex($"^{Regex.Escape(shown).Replace(Regex.Escape("..."), ".*", StringComparison.Ordinal)}$");
        return lines.Any(pattern.IsMatch);
    }

    /// <summary>What stays of a line when its numbers are others: a value with its unit is '#', and columns are one space apart.</summary>
    internal static string Form(string line)
    {
        line = Compared().Replace(line, "compared");
        line = Decided().Replace(line, "$1");
        line = Moments().Replace(line, "#");
        line = Digests().Replace(line, "#");
        line = Values().Replace(line, "#");
        return Spaces().Replace(line, " ").Trim();
    }

    // A second shows the form as well as ten.
    private static string Short(string command) => Durations().Replace(command, m => m.Groups["option"].Value switch
    {
        "--warmup" => "--warmup 200ms",
        var option => $"{option} 1s",
    });

    private string WithFreePorts(string text)
    {
        var held = new List<TcpListener>();
        foreach (string port in (string[])["7443", "8443", "9090", "8080", "15432"])
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            held.Add(listener);
            _ports[port] = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        }

        foreach (TcpListener listener in held) listener.Dispose();
        _environment["PATH"] = $"{Programs.Folder}:{Environment.GetEnvironmentVariable("PATH")}";
        _environment["RAWECHO_SERVER"] = $"localhost:{_ports["7443"]}";
        return Ports().Replace(text, m => $":{_ports[m.Groups["port"].Value]}");
    }

    [GeneratedRegex("(?:<!-- not run: (?<reason>.*?) -->\n)?```\n(?<text>\\$ .*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    // A command goes on behind a backslash and within quotes.
    [GeneratedRegex(@"^\$ (?<command>(?:[^'\n\\]|\\\n|\\.|'[^']*')*)\n?(?<output>(?:(?!^\$ ).*\n?)*)", RegexOptions.Multiline)]
    private static partial Regex Steps();

    [GeneratedRegex(@"(?<option>--duration|--warmup|--interval) \d+\w+")]
    private static partial Regex Durations();

    [GeneratedRegex(@"(?<=localhost|127\.0\.0\.1):(?<port>7443|8443|9090|8080|15432)\b")]
    private static partial Regex Ports();

    // What one run has and the next one has not: progress, a verdict and its figures, messages that were late.
    [GeneratedRegex("^(\\d+ s: .* left$|Bottleneck: |It rests on: |After the end: |Late or not sent because of: )")]
    private static partial Regex Chance();

    [GeneratedRegex("(?<=  )(noise|the same|cannot be told|more|less|better|worse)\\b.*$")]
    private static partial Regex Compared();

    // Whether a condition holds is the machine's affair.
    [GeneratedRegex(@"^rawecho-client: (?:PASS|FAIL): (--\S+ \S+): .*$")]
    private static partial Regex Decided();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d([T ][\d:]+( ?UTC|Z|[+-]\d\d:\d\d)?)?|\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT")]
    private static partial Regex Moments();

    [GeneratedRegex(@"\b(?=[0-9]*[A-F])[0-9A-F]{6,}\b|\b[0-9]{20,}\b")]
    private static partial Regex Digests();

    // A comma or a full stop behind it is the sentence's: the name of a CA may have six digits, or letters among them.
    [GeneratedRegex(@"[+-]?\d([\d,.]*\d)?( ?(ns|µs|us|ms|s|%|B|KB|MB|GB|KiB|MiB)\b)?(/s)?( %)?")]
    private static partial Regex Values();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
