using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>What cannot be: exit code 2 and one sentence that names the option and the value.</summary>
public sealed class CommandLineTests(Certificates certificates)
{
    public static TheoryData<string, string> ServerValues => new()
    {
        { "--listen", "7443" },
        { "--http", "localhost" },
        { "--listen", "host:99999" },
        { "--listen", "[::1" },
        { "--listen", "::1:7443" },
        { "--listen", "no name:1" },
        { "--idle-timeout", "soon" },
        { "--write-timeout", "-5" },
        { "--idle-timeout", "30s1m" },
        { "--max-chain-bytes", "4GiB" },
        { "--drain-timeout", "1e3s" },
        { "--handshake-timeout", "25d" },
        { "--max-connections", "0" },
        { "--max-connections", "1.5" },
        { "--loops", "-1" },
        { "--loops", "1025" },
        { "--tls", "maybe" },
        { "--tls-min", "1.1" },
    };

    public static TheoryData<string, string> ClientValues => new()
    {
        { "--server", "7443" },
        { "--server", "::1" },
        { "--server", "localhost:0" },
        { "--server-name", "no name" },
        { "--clients", "0" },
        { "--clients", "many" },
        { "--duration", "0" },
        { "--duration", "off" },
        { "--messages", "0" },
        { "--messages", "1.5" },
        { "--messages", "1kB" },
        { "--clients", "1001k" },
        { "--size", "0" },
        { "--size", "5-1" },
        { "--size", "1-2-3" },
        { "--size", "67108865" },
        { "--connect-timeout", "x" },
        { "--echo-timeout", "x" },
        { "--drain-timeout", "x" },
        { "--size", "10:0" },
        { "--rate", "0" },
        { "--rate", "fast" },
        { "--depth", "0" },
        { "--seed", "-1" },
        { "--ramp", "soon" },
        { "--source", "here" },
        { "--fail-if", "p99" },
    };

    [Theory]
    [MemberData(nameof(ServerValues))]
    public Task The_server_refuses_a_value_that_cannot_be(string option, string value) =>
        AssertRefusedAsync(Programs.Server, option, value);

    [Theory]
    [MemberData(nameof(ClientValues))]
    public Task The_client_refuses_a_value_that_cannot_be(string option, string value) =>
        AssertRefusedAsync(Programs.Client, option, value);

    [Theory]
    [InlineData("--bogus")]
    [InlineData("stray")]
    public async Task An_unknown_word_is_named_and_help_is_offered(string word)
    {
        string[] programs = [Programs.Server, Programs.Client];
        foreach (string program in programs)
        {
            ProgramResult result = await RunAsync(program, word);
            result.EndedWith(Exit.Usage).WithOneSentence($"'{word}'", $"Try '{result.Name} --help'");
        }
    }

    [Fact]
    public async Task What_was_probably_meant_is_named_with_the_help_of_the_command()
    {
        (string Program, string Line, string[] Words)[] cases =
        [
            (Programs.Client, "prboe", ["'prboe'", "Did you mean 'probe'? Try 'rawecho-client --help'."]),
            (Programs.Client, "localhost:1", ["rawecho-client run localhost:1. Try"]),
            (Programs.Client, "run --claents 3", ["'--claents'", "Did you mean --clients? Try 'rawecho-client run --help'."]),
            (Programs.Client, "probe --rate 5k", ["It belongs behind 'run'", "Try 'rawecho-client probe --help'."]),
            (Programs.Client, "run --clients x", ["--clients takes ", "Try 'rawecho-client run --help'."]),
            (Programs.Server, "--lsiten :0", ["Did you mean --listen? Try 'rawecho-server --help'."]),
            (Programs.Certs, "isue", ["Did you mean 'issue'? Try 'rawecho-certs --help'."]),
            (Programs.Certs, "show --pasword-file x a", ["'--pasword-file'", "--password-file? Try 'rawecho-certs show --help'."]),
            (Programs.Diagnostics, "wacth", ["Did you mean 'watch'?"]),
            (Programs.Diagnostics, "watch --onec", ["Did you mean --once? Try 'rawecho-diagnostics watch --help'."]),
        ];
        foreach ((string program, string line, string[] words) in cases)
            (await RunAsync(program, line.Split(' '))).EndedWith(Exit.Usage).WithOneSentence(words);
    }

    [Fact]
    public async Task Help_fits_80_columns()
    {
        (string Program, string[] Commands)[] all =
        [
            (Programs.Server, ["completion"]),
            (Programs.Client, ["run", "get", "handshake", "max", "merge", "probe", "completion"]),
            (Programs.Certs, ["create", "issue", "list", "show", "check", "renew", "revoke", "crl"]),
            (Programs.Diagnostics, ["ps", "watch", "record", "report"]),
        ];
        foreach ((string program, string command) in all.SelectMany(p => p.Commands.Prepend("").Select(c => (p.Program, c))))
        {
            string[] words = [.. command.Length > 0 ? [command] : Array.Empty<string>(), "--help"];
            ProgramResult help = (await RunAsync(program, words)).EndedWith(Exit.Success);
            help.WithOutput("Exit codes:");
            Assert.All(help.Output, l => Assert.True(l.Length <= 80, l));
        }
    }

    [Fact]
    public async Task On_a_terminal_an_error_is_broken_between_words()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "There is no script(1) on this machine.");
        string inner = $"stty cols 40; {Programs.Server} --listen nowhere:x";
        await using var terminal = new ProgramProcess("script", ["-qec", inner, "/dev/null"]);
        ProgramResult result = (await terminal.ExitAsync()).EndedWith(Exit.Usage);
        string[] lines = [.. result.Output.Select(l => l.TrimEnd('\r', ' '))];
        Assert.All(lines, l => Assert.True(l.Length <= 40, l));
        string sentence = string.Join(' ', lines);
        Assert.StartsWith("rawecho-server: --listen takes an address such as", sentence, StringComparison.Ordinal);
        Assert.EndsWith("not 'nowhere:x'. Try 'rawecho-server --help'.", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_option_before_the_command_counts_or_is_refused()
    {
        string missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        (await RunAsync(Programs.Client, "--ca", missing, "probe")).EndedWith(Exit.Certificate).WithOneSentence(missing);
        (await RunAsync(Programs.Client, "--clients", "3", "probe"))
            .EndedWith(Exit.Usage).WithOneSentence("--clients", "'probe'", "rawecho-client run --clients number");
        (await RunAsync(Programs.Server, "--quiet", "completion", "bash"))
            .EndedWith(Exit.Usage).WithOneSentence("--quiet", "'completion'", "rawecho-server --quiet");
        (await RunAsync(Programs.Certs, "--dir", missing, "check")).EndedWith(Exit.Certificate).WithOneSentence(missing);
        (await RunAsync(Programs.Diagnostics, "--output", missing + ".jsonl", "record", "--", missing))
            .EndedWith(Exit.NotFound).WithOneSentence(missing);
    }

    [Theory]
    [InlineData("--listen")]
    [InlineData("--idle-timeout")]
    [InlineData("--cert")]
    public async Task An_option_without_its_value_is_named(string option) =>
        (await RunAsync(Programs.Server, option)).EndedWith(Exit.Usage).WithOneSentence(option);

    [Theory]
    [InlineData("--ca")]
    [InlineData("--cert")]
    [InlineData("--key")]
    [InlineData("--password-file")]
    public async Task An_empty_file_name_is_refused_in_words_for_people(string option)
    {
        ProgramResult result = await RunAsync(Programs.Server, option, string.Empty);
        result.EndedWith(Exit.Usage).WithOneSentence(option);
        Assert.DoesNotContain("System.", result.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quiet_and_verbose_contradict_each_other()
    {
        (await RunAsync(Programs.Server, "--quiet", "--verbose")).EndedWith(Exit.Usage).WithOneSentence("--quiet", "--verbose");
        (await RunAsync(Programs.Client, "--quiet", "--verbose")).EndedWith(Exit.Usage).WithOneSentence("--quiet", "--verbose");
    }

    [Fact]
    public async Task Duration_and_messages_contradict_each_other() =>
        (await RunAsync(Programs.Client, "--duration", "1s", "--messages", "5"))
            .EndedWith(Exit.Usage).WithOneSentence("--duration", "--messages");

    [Fact]
    public async Task A_certificate_without_a_CA_lacks_something() =>
        (await RunAsync(Programs.Server, "--cert", certificates.Server.Certificate, "--key", certificates.Server.Key))
            .EndedWith(Exit.Usage).WithOneSentence("--cert", "--ca");

    [Fact]
    public async Task A_key_without_a_certificate_lacks_something() =>
        (await RunAsync(Programs.Server, "--ca", certificates.Ca, "--key", certificates.Server.Key))
            .EndedWith(Exit.Usage).WithOneSentence("--key", "--cert");

    [Fact]
    public async Task Two_passwords_are_one_too_many()
    {
        ProgramResult result = await RunAsync(
            Programs.Server, [.. certificates.ServerOptions, "--password-env", "A", "--password-file", "b"]);
        result.EndedWith(Exit.Usage).WithOneSentence("--password-env", "--password-file");
    }

    [Fact]
    public async Task A_password_variable_that_is_not_set_is_named()
    {
        ProgramResult result = await RunAsync(
            Programs.Server, [.. certificates.ServerOptions, "--password-env", "RAWECHO_NO_SUCH_VARIABLE"]);
        result.EndedWith(Exit.Usage).WithOneSentence("--password-env", "RAWECHO_NO_SUCH_VARIABLE");
    }

    private static async Task AssertRefusedAsync(string program, string option, string value)
    {
        ProgramResult result = await RunAsync(program, option, value);
        result.EndedWith(Exit.Usage).WithOneSentence($"{option} takes ", $"not '{value}'", $"Try '{result.Name} --help'");
        Assert.Empty(result.Output);
    }

    private static async Task<ProgramResult> RunAsync(string program, params string[] arguments)
    {
        await using var process = new ProgramProcess(program, arguments);
        return await process.ExitAsync();
    }
}
