using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;

namespace RawEcho.Commands;

/// <summary>
/// Options before the name of a command. System.CommandLine takes them for options of the program without a command, which the command
/// does not read: they would be ignored without a word. Those that the command has are moved behind its name; others are an error.
/// </summary>
public static class OptionPlacement
{
    private const string Separator = "--";

    /// <summary>Moves options behind the name of the command.</summary>
    /// <param name="root">The program's commands.</param>
    /// <param name="program">The program's name, as the user types it.</param>
    /// <param name="args">The command line.</param>
    /// <returns>The command line to parse, and null; or the unchanged one, and a sentence about an option that the command does not
    /// have.</returns>
    public static (IReadOnlyList<string> Args, string? Problem) Arrange(RootCommand root, string program, IReadOnlyList<string> args)
    {
        for (int at = 0; at < args.Count && args[at] != Separator; at++)
        {
            // The command is the first of that name which is not the value of an option: which options take one is for the command to say.
            if (CommandNamed(root, args[at]) is { } command && OptionsBefore(root, command, args, at) is { } before)
                return Move(root, program, command, before, args, at);
        }

        // The parser has all to say about it.
        return (args, null);
    }

    /// <summary>The option of a command line that the command does not read, wherever it stands; null for none.</summary>
    public static Option? Unread(ParseResult parsed) => parsed.CommandResult.Parent is CommandResult above
        ? above.Children.OfType<OptionResult>().FirstOrDefault(r => r is { Implicit: false, Option.Recursive: false })?.Option
        : null;

    /// <summary>Says where an option belongs that a command does not have; null where no command has it.</summary>
    internal static string? Elsewhere(RootCommand root, string program, Command command, string name)
    {
        Option? option = root.Subcommands.Prepend<Command>(root).SelectMany(c => c.Options).FirstOrDefault(o => IsNamed(o, name));
        return option is null or HelpOption or VersionOption || Has(command, option) ? null : Problem(root, program, command, option);
    }

    private static (IReadOnlyList<string> Args, string? Problem) Move(
        RootCommand root, string program, Command command, IReadOnlyList<GivenOption> before, IReadOnlyList<string> args, int at)
    {
        List<string> front = [], moved = [];
        foreach (GivenOption given in before)
        {
            bool isForAll = given.Option is HelpOption or VersionOption;
            if (!isForAll && !Has(command, given.Option)) return (args, Problem(root, program, command, given.Option));
            (isForAll ? front : moved).AddRange(args.Skip(given.From).Take(given.To - given.From));
        }

        return ([.. front, command.Name, .. moved, .. args.Skip(at + 1)], null);
    }

    // Null when the words before the command are not options with their values, each in its place.
    private static List<GivenOption>? OptionsBefore(RootCommand root, Command command, IReadOnlyList<string> args, int end)
    {
        var options = new List<GivenOption>();
        for (int at = 0; at < end; at = options[^1].To)
        {
            if (OptionNamed(root, command, args[at]) is not { } option) return null;
            options.Add(new GivenOption(option, at, at + 1 + ValuesBehind(option, args, at)));
            if (options[^1].To > end) return null;
        }

        return options;
    }

    private static Command? CommandNamed(RootCommand root, string word) =>
        root.Subcommands.FirstOrDefault(c => c.Name == word || c.Aliases.Contains(word));

    // --name, --name=value or --name:value. Two commands may have an option of one name, with a value and without.
    private static Option? OptionNamed(RootCommand root, Command command, string word)
    {
        string name = Bare(word);
        IEnumerable<Option> all = root.Subcommands.Prepend(root).Prepend(command).SelectMany(c => c.Options);
        return all.FirstOrDefault(o => IsNamed(o, word) || IsNamed(o, name));
    }

    /// <summary>The name of an option that may have its value behind it: --name=value, --name:value.</summary>
    internal static string Bare(string word) => word.IndexOfAny(['=', ':']) is > 0 and var end ? word[..end] : word;

    private static bool IsNamed(Option option, string name) => option.Name == name || option.Aliases.Contains(name);

    private static bool Has(Command command, Option option) => command.Options.Any(o => IsNamed(o, option.Name));

    private static int ValuesBehind(Option option, IReadOnlyList<string> args, int at)
    {
        if (!IsNamed(option, args[at]) || option.Arity.MaximumNumberOfValues == 0) return 0;
        // A switch takes a value only where there is one.
        return option.Arity.MinimumNumberOfValues > 0 || (at + 1 < args.Count && bool.TryParse(args[at + 1], out _)) ? 1 : 0;
    }

    private static string Problem(RootCommand root, string program, Command command, Option option)
    {
        string example = option.HelpName is { } value ? $"{option.Name} {value}" : option.Name;
        Command[] owners = [.. root.Subcommands.Where(c => Has(c, option))];
        if (owners.Length == 0)
            return $"{option.Name} is no option of '{command.Name}'. It belongs to {program} without a command: {program} {example}";
        string names = string.Join(" or ", owners.Select(c => $"'{c.Name}'"));
        return $"{option.Name} is no option of '{command.Name}'. It belongs behind {names}: {program} {owners[0].Name} {example}";
    }

    private readonly record struct GivenOption(Option Option, int From, int To);
}
