using System.Text.RegularExpressions;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>Runs docs/http.md as it is printed, on ports that are free, and compares what it shows with what comes.</summary>
public sealed partial class HttpDocumentTests
{
    // Go may not fetch anything, a newer compiler least of all.
    private static readonly Dictionary<string, string> Offline =
        new() { ["GOFLAGS"] = "-mod=mod", ["GOPROXY"] = "off", ["GOTOOLCHAIN"] = "local" };

    [Fact]
    public async Task The_commands_of_the_documentation_do_what_it_says()
    {
        Requires.Linux("the commands are those of a Unix shell");
        using var home = new TempFolder();
        string document = await File.ReadAllTextAsync(Programs.InRepository("docs/http.md"), TestContext.Current.CancellationToken);
        var servers = new List<ProgramProcess>();
        try
        {
            foreach (Match block in Blocks().Matches(WithFreePorts(document)))
            {
                string kind = block.Groups["kind"].Value, text = block.Groups["text"].Value;
                switch (kind)
                {
                    case "server":
                        servers.Add(Shell($"exec {text}", home));
                        await servers[^1].WaitForLineAsync("Server started");
                        break;
                    case "log":
                        Regex line = Pattern(text.TrimEnd());
                        await servers[0].WaitForLineAsync(l => line.IsMatch(l), text);
                        break;
                    default:
                        await RunAsync(text, home, fails: kind == "run: fails");
                        break;
                }
            }
        }
        finally
        {
            foreach (ProgramProcess server in servers) await server.DisposeAsync();
        }

        Assert.Equal(3, servers.Count);
    }

    [GeneratedRegex("<!-- (?<kind>server|log|run|run: fails) -->\n```\n(?<text>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"localhost:(?<port>\d+)")]
    private static partial Regex Addresses();

    // "$ command" on the first line, and more of it as long as a quote is open; then what it prints.
    [GeneratedRegex(@"\A\$ (?<command>(?:[^'\n]|'[^']*')*)\n?(?<output>.*)\z", RegexOptions.Singleline)]
    private static partial Regex Session();

    private static async Task RunAsync(string text, TempFolder home, bool fails)
    {
        Match session = Session().Match(text);
        Assert.True(session.Success, text);
        string command = session.Groups["command"].Value;
        if (Missing(command) is { } program)
        {
            TestContext.Current.AddWarning($"Not run, because there is no {program} here: {command}");
            return;
        }

        await using ProgramProcess process = Shell(command, home);
        ProgramResult result = await process.ExitAsync();
        Assert.True(fails == (result.ExitCode != 0), $"{command}: exit code {result.ExitCode}.\n{result}");
        string output = string.Join('\n', fails ? result.Errors : result.Output).TrimEnd();
        Assert.Matches(Pattern(session.Groups["output"].Value), output);
    }

    // What a machine may lack.
    private static string? Missing(string command) =>
        new[] { "curl", "openssl", "python3", "go", "node", "certutil", "pk12util" }.FirstOrDefault(program =>
            command.Contains($"{program} ", StringComparison.Ordinal) && Programs.OnPath(program) is null);

    private static Regex Pattern(string shown) =>
        new($@"\A{Regex.Escape(shown).Replace(Regex.Escape("..."), ".*?", StringComparison.Ordinal)}\z", RegexOptions.Singleline);

    // What a browser finds in its real home is not changed.
    private static ProgramProcess Shell(string command, TempFolder home) => new(
        Programs.Bash!, ["-c", Here(command).Replace("$HOME", home.Path, StringComparison.Ordinal)], Offline, Programs.InRepository("."));

    private static string Here(string command) =>
        command.Replace("out/rawecho-", $"{Programs.Folder}/rawecho-", StringComparison.Ordinal);

    private static string WithFreePorts(string document)
    {
        string[] known = [.. Addresses().Matches(document).Select(m => m.Groups["port"].Value).Distinct()];
        Dictionary<string, string> ports = known.Zip(FreePorts.Take(known.Length)).ToDictionary(p => p.First, p => p.Second);
        return Addresses().Replace(document, m => $"localhost:{ports[m.Groups["port"].Value]}");
    }
}
