using System.CommandLine;
using RawEcho.Certs;
using RawEcho.Client;
using RawEcho.Commands;
using RawEcho.Completion;
using RawEcho.Diagnostics.Commands;
using RawEcho.Server;

namespace RawEcho.Engine.UnitTests;

/// <summary>An option before the name of a command counts for the command, or is an error that says where it belongs.</summary>
public class OptionPlacementTests
{
    public static TheoryData<string, int> Programs => new()
    {
        { "rawecho-server", 1 },
        { "rawecho-client", 8 },
        { "rawecho-diagnostics", 5 },
        { "rawecho-certs", 9 },
    };

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_option_is_moved_behind_every_command_that_has_it_and_refused_before_every_other(string program, int commands)
    {
        RootCommand root = Create(program);
        Assert.Equal(commands, root.Subcommands.Count);
        Command[] all = [root, .. root.Subcommands];
        string[] names =
            [.. all.SelectMany(c => c.Options).Where(o => o.Action is null).SelectMany(o => o.Aliases.Prepend(o.Name)).Distinct()];
        Assert.NotEmpty(names);
        foreach (Command command in root.Subcommands)
        {
            // A command below a command, or a word before one, would need a rule of its own.
            Assert.Empty(command.Subcommands);
            Assert.Empty(root.Arguments);
            foreach (string name in names)
            {
                foreach (string[] words in Forms([command, .. all], name)) Check(root, program, command, name, words);
            }
        }
    }

    [Theory]
    [InlineData("--bogus probe")]
    [InlineData("stray probe")]
    [InlineData("--server")]
    [InlineData("--server a:1 --clients 3")]
    [InlineData("probe --server a:1")]
    [InlineData("")]
    public void What_has_no_option_before_a_command_stays_as_it_is(string line)
    {
        string[] args = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        (IReadOnlyList<string> arranged, string? problem) = OptionPlacement.Arrange(Create("rawecho-client"), "rawecho-client", args);
        Assert.Equal(args, arranged);
        Assert.Null(problem);
    }

    [Fact]
    public void A_value_that_is_called_as_a_command_is_a_value() =>
        Assert.Equal(
            ["record", "--output", "watch", "--duration", "1s"],
            OptionPlacement.Arrange(
                Create("rawecho-diagnostics"), "rawecho-diagnostics", ["--output", "watch", "record", "--duration", "1s"]).Args);

    [Theory]
    [InlineData("--client a create", "create --client a")]
    [InlineData("--client issue --name a", "issue --client --name a")]
    public void An_option_of_one_name_takes_a_value_where_the_command_says_so(string line, string arranged) =>
        Assert.Equal(arranged.Split(' '), OptionPlacement.Arrange(Create("rawecho-certs"), "rawecho-certs", line.Split(' ')).Args);

    [Fact]
    public void What_would_be_ignored_all_the_same_is_found()
    {
        RootCommand root = Create("rawecho-client");
        Assert.Equal("--clients", OptionPlacement.Unread(root.Parse(["--clients", "3", "probe"]))?.Name);
        Assert.Null(OptionPlacement.Unread(root.Parse(["run", "--clients", "3"])));
        Assert.Null(OptionPlacement.Unread(root.Parse(["--clients", "3"])));
    }

    [Fact]
    public void Help_stays_in_front() =>
        Assert.Equal(
            ["--help", "probe", "--json"],
            OptionPlacement.Arrange(Create("rawecho-client"), "rawecho-client", ["--json", "--help", "probe"]).Args);

    private static RootCommand Create(string program)
    {
        RootCommand root = program switch
        {
            "rawecho-server" => ServerCommand.Create(),
            "rawecho-client" => ClientCommand.Create(),
            "rawecho-diagnostics" => DiagnosticsCommand.Create([]),
            _ => CertsCommand.Create(),
        };
        CompletionCommand.AddTo(root, program);
        return root;
    }

    // As the command has it, or, where it does not, as any other one has.
    private static string[][] Forms(IEnumerable<Command> commands, string name)
    {
        Option option = commands.SelectMany(c => c.Options).First(o => IsNamed(o, name));
        return option.Arity.MinimumNumberOfValues > 0 ? [[name, "1"], [$"{name}=1"], [$"{name}:1"]] : [[name], [name, "true"]];
    }

    private static void Check(RootCommand root, string program, Command command, string name, string[] words)
    {
        (IReadOnlyList<string> args, string? problem) = OptionPlacement.Arrange(root, program, [.. words, command.Name]);
        if (command.Options.FirstOrDefault(o => IsNamed(o, name)) is { } option)
        {
            Assert.Null(problem);
            Assert.Equal([command.Name, .. words], args);
            ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            Assert.Same(command, parsed.CommandResult.Command);
            Assert.False(parsed.GetResult(option)!.Implicit);
            return;
        }

        Assert.NotNull(problem);
        string[] owners = [.. root.Subcommands.Where(c => c.Options.Any(o => IsNamed(o, name))).Select(c => $"'{c.Name}'")];
        Assert.Contains($"is no option of '{command.Name}'", problem, StringComparison.Ordinal);
        Assert.Contains("--", problem, StringComparison.Ordinal);
        Assert.All(owners, owner => Assert.Contains(owner, problem, StringComparison.Ordinal));
        Assert.Contains($": {program} ", problem, StringComparison.Ordinal);
    }

    private static bool IsNamed(Option option, string name) => option.Name == name || option.Aliases.Contains(name);
}
