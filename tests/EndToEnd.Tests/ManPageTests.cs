using System.Text.RegularExpressions;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The manual pages name every option of --help, and man and mandoc take them without a warning.</summary>
public sealed partial class ManPageTests : IDisposable
{
    private const string Man = "/usr/bin/man", Mandoc = "/usr/bin/mandoc";

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Names => ["rawecho-server", "rawecho-client", "rawecho-diagnostics", "rawecho-certs"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_option_is_in_the_manual_page(string name)
    {
        string program = ProgramOf(name);
        string page = await WritePageAsync(program, name);
        string text = (await File.ReadAllTextAsync(page)).Replace("\\-", "-", StringComparison.Ordinal);
        string[] help = [.. (await RunAsync(program, "--help")).Output];
        Assert.DoesNotContain(help, l => CommandLine().Match(l).Groups["name"].Value == "man");
        IEnumerable<string> listed = help.SkipWhile(l => l != "Commands:").Skip(1);
        string[] commands = [.. listed.Select(l => CommandLine().Match(l).Groups["name"].Value).Where(c => c.Length > 0)];
        Assert.NotEmpty(commands);
        foreach (string command in commands.Prepend(""))
        {
            if (command.Length > 0) Assert.Contains($".SS {command}\n", text, StringComparison.Ordinal);
            string[] words = command.Length > 0 ? [command, "--help"] : ["--help"];
            foreach (string line in (await RunAsync(program, words)).Output)
            {
                if (OptionLine().Match(line) is { Success: true } option)
                    Assert.Contains($"\\fB{option.Groups["name"].Value}\\fR", text, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_page_is_rendered_without_a_warning(string name)
    {
        Assert.SkipUnless(File.Exists(Man) || File.Exists(Mandoc), "There is neither man nor mandoc on this machine.");
        string page = await WritePageAsync(ProgramOf(name), name);
        if (File.Exists(Man))
        {
            var environment = new Dictionary<string, string> { ["MANWIDTH"] = "80", ["LC_ALL"] = "C.UTF-8", ["MAN_KEEP_FORMATTING"] = "" };
            ProgramResult shown = (await RunAsync(Man, environment, "--warnings", "-l", page)).EndedWith(Exit.Success);
            Assert.Empty(shown.Errors);
            shown.WithOutput("EXIT STATUS").WithOutput($"{name.ToUpperInvariant()}(1)");
            Assert.All(shown.Output, l => Assert.True(l.Length <= 80, l));
        }

        if (File.Exists(Mandoc)) (await RunAsync(Mandoc, [], "-T", "lint", "-W", "warning", page)).EndedWith(Exit.Success);
    }

    private static string ProgramOf(string name) => name switch
    {
        "rawecho-server" => Programs.Server,
        "rawecho-client" => Programs.Client,
        "rawecho-diagnostics" => Programs.Diagnostics,
        _ => Programs.Certs,
    };

    private async Task<string> WritePageAsync(string program, string name)
    {
        ProgramResult page = await RunAsync(program, "man");
        return _folder.Write($"{name}.1", string.Join('\n', page.Output) + "\n");
    }

    private static async Task<ProgramResult> RunAsync(string program, params string[] arguments) =>
        (await RunAsync(program, [], arguments)).EndedWith(Exit.Success);

    private static async Task<ProgramResult> RunAsync(string program, Dictionary<string, string> environment, params string[] arguments)
    {
        await using var process = new ProgramProcess(program, arguments, environment);
        return await process.ExitAsync();
    }

    [GeneratedRegex(@"^  (?<name>[a-z]+)( <\S+>)?  ")]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"^  (-\S+, )*(?<name>--[a-z0-9.-]+)")]
    private static partial Regex OptionLine();
}
