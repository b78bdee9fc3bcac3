using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The completion scripts in the shells that they are for.</summary>
public sealed class CompletionTests
{
    // What readline hands to the function of 'complete -F'.
    private const string Bash = """
        source <("$1" completion bash)
        COMP_LINE="$2"; COMP_POINT=${#2}
        read -ra COMP_WORDS <<<"$2"
        [[ "$2" == *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        words=($(complete -p "$1"))
        "${words[2]}"
        printf '%s\n' "${COMPREPLY[@]}"
        """;

    private const string Fish = """
        $argv[1] completion fish | source
        complete -C $argv[2]
        """;

    // zle calls the function with words and CURRENT, and it answers by compadd and _files: only these two are the test's own.
    private const string Zsh = """
        compdef() { compdefined=$1 }
        compadd() { shift; print -rl -- ${(M)@:#${words[CURRENT]}*} }
        _files() { if [[ $1 == -/ ]]; then print -rl -- *(/N); else print -rl -- ${words[CURRENT]}*(N); fi }
        source <($1 completion zsh)
        words=(${(s: :)2}); [[ $2 == *' ' ]] && words+=('')
        CURRENT=$#words
        $compdefined
        """;

    private static readonly (string Program, string Line, string[] Expected)[] Lines =
    [
        ("rawecho-client", "rawecho-client prob", ["probe"]),
        ("rawecho-client", "rawecho-client --tls ", ["mutual", "none", "server"]),
        ("rawecho-client", "rawecho-client probe --tls-m", ["--tls-min"]),
        ("rawecho-client", "rawecho-client probe --tls-min ", ["1.2", "1.3"]),
        ("rawecho-client", "rawecho-client probe --starttls ", ["imap", "ldap", "mysql", "postgres", "smtp", "xmpp"]),
        ("rawecho-client", "rawecho-client get --http ", ["1.1", "2"]),
        ("rawecho-client", "rawecho-client probe --ca my", ["my ca.pem", "my.txt"]),
        ("rawecho-server", "rawecho-server --lis", ["--listen"]),
        ("rawecho-server", "rawecho-server completion fi", ["fish"]),
        ("rawecho-certs", "rawecho-certs show my", ["my ca.pem", "my.txt"]),
        ("rawecho-certs", "rawecho-certs check --dir ", ["folder"]),
        ("rawecho-diagnostics", "rawecho-diagnostics wat", ["watch"]),
        ("rawecho-diagnostics", "rawecho-diagnostics report my", ["my ca.pem", "my.txt"]),
    ];

    public static TheoryData<string, string, string[]> BashLines { get; } = For(Programs.Bash);

    public static TheoryData<string, string, string[]> ZshLines { get; } = For(Programs.Zsh);

    public static TheoryData<string, string, string[]> FishLines { get; } = For(Programs.Fish);

    [Theory]
    [MemberData(nameof(BashLines))]
    public async Task Bash_completes(string program, string line, string[] expected)
    {
        Assert.SkipWhen(Programs.Bash is null, "There is no bash on this machine.");
        await AssertCompletesAsync(Programs.Bash!, ["--norc", "-c", Bash, "bash", program, line], expected);
    }

    [Theory]
    [MemberData(nameof(ZshLines))]
    public async Task Zsh_completes(string program, string line, string[] expected)
    {
        Assert.SkipWhen(Programs.Zsh is null, "There is no zsh on this machine.");
        await AssertCompletesAsync(Programs.Zsh!, ["-f", "-c", Zsh, "zsh", program, line], expected);
    }

    [Theory]
    [MemberData(nameof(FishLines))]
    public async Task Fish_completes(string program, string line, string[] expected)
    {
        Assert.SkipWhen(Programs.Fish is null, "There is no fish on this machine.");
        await AssertCompletesAsync(Programs.Fish!, ["--no-config", "-c", Fish, program, line], expected);
    }

    [Fact]
    public async Task PowerShell_gets_a_script_of_its_own()
    {
        await using var client = new ProgramProcess(Programs.Client, ["completion", "powershell"]);
        ProgramResult result = await client.ExitAsync();
        result.EndedWith(Exit.Success)
            .WithOutput("Register-ArgumentCompleter -Native", "'rawecho-client'").WithOutput("$files = @(", "'--ca'");
    }

    [Fact]
    public async Task Another_shell_is_refused()
    {
        await using var client = new ProgramProcess(Programs.Client, ["completion", "ksh"]);
        (await client.ExitAsync()).EndedWith(Exit.Usage).WithOneSentence("bash, zsh, fish or powershell", "'ksh'");
    }

    // That a shell is missing is said once.
    private static TheoryData<string, string, string[]> For(string? shell)
    {
        var data = new TheoryData<string, string, string[]>();
        foreach ((string program, string line, string[] expected) in shell is null ? Lines.Take(1) : Lines)
            data.Add(program, line, expected);
        return data;
    }

    private static async Task AssertCompletesAsync(string shell, string[] arguments, string[] expected)
    {
        using var folder = new TempFolder();
        folder.Write("my ca.pem", string.Empty);
        folder.Write("my.txt", string.Empty);
        Directory.CreateDirectory(folder["folder"]);
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = Programs.Folder + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
            ["HOME"] = folder.Path,
        };
        await using var process = new ProgramProcess(shell, arguments, environment, folder.Path);
        ProgramResult result = await process.ExitAsync();
        Assert.Empty(result.Errors);
        // fish tells what a completion is behind a tab, and marks a directory with a slash.
        IEnumerable<string> found = result.Output.Select(l => l.Split('\t')[0].TrimEnd('/'))
            .Where(l => l.Length > 0 && l is not ("-?" or "-h" or "/?" or "/h" or "--help"));
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }
}
