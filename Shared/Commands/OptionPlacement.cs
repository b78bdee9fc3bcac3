using System.CommandLine;
using System.CommandLine.Help;

namespace RawEcho.Commands;

/// <summary>
/// Options before the name of a command. System.CommandLine takes them for options of the program without a command, which the command
/// does not read: they would be ignored without a word. Those that the command has are moved behind its name; others are an error.
/// </summary>
public static class OptionPlacement
{
    /// <summary>Moves options behind the name of the command.</summary>
    /// <param name="root">The program's commands.</param>
    /// <param name="program">The program's name, as the user types it.</param>
    /// <param name="args">The command line.</param>
    /// <returns>The command line to parse, and null; or the unchanged one, and a sentence about an option that the command does not
    /// have.</returns>
    public static (IReadOnlyList<string> Args, string? Problem) Arrange(RootCommand root, string program, IReadOnlyList<string> args)
    {
        List<string> front = [], moved = [];
        var before = new List<(Option Option, int From, int To)>();
        int at = 0;
        Command? command;
        for (; (command = CommandNamed(root, args, at)) is null; at = before[^1].To)
        {
            // A word that is no option of this program, or the end: the parser has all to say about it.
            if (at >= args.Count || OptionNamed(root, args[at]) is not { } option) return (args, null);
            before.Add((option, at, Math.Min(args.Count, at + 1 + ValuesBehind(option, args, at))));
        }

        foreach ((Option option, int from, int to) in before)
        {
            bool isForAll = option is HelpOption or VersionOption;
            if (!isForAll && !Has(command, option)) return (args, Problem(root, program, command, option));
            (isForAll ? front : moved).AddRange(args.Skip(from).Take(to - from));
        }

        return ([.. front, command.Name, .. moved, .. args.Skip(at + 1)], null);
    }

    private static Command? CommandNamed(RootCommand root, IReadOnlyList<string> args, int at) =>
        at < args.Count ? root.Subcommands.FirstOrDefault(c => c.Name == args[at] || c.Aliases.Contains(args[at])) : null;

    // --name, --name=value or --name:value.
    private static Option? OptionNamed(RootCommand root, string word)
    {
        string name = Bare(word);
        return root.Subcommands.Prepend(root).SelectMany(c => c.Options).FirstOrDefault(o => IsNamed(o, word) || IsNamed(o, name));
    }

    private static string Bare(string word) => word.IndexOfAny(['=', ':']) is > 0 and var end ? word[..end] : word;

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
}
