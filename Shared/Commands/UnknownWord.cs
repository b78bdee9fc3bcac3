using System.CommandLine;
using System.CommandLine.Parsing;

namespace RawEcho.Commands;

/// <summary>Says which word of a command line is unknown, and which one was probably meant.</summary>
internal static class UnknownWord
{
    private const string Separator = "--", StandardStream = "-";

    /// <summary>The sentence about the first unknown option or command; null when there is none.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="program">The program's name, as the user types it.</param>
    public static string? In(ParseResult parsed, string program)
    {
        Command command = parsed.CommandResult.Command;
        if (Options(parsed).FirstOrDefault() is { } option) return OptionProblem(parsed, program, command, option);
        // A word that takes the place of a command, which has no arguments itself.
        bool isForCommand = command.Subcommands.Count > 0 && command.Arguments.Count == 0;
        if (!isForCommand || parsed.UnmatchedTokens is not [{ Length: > 0 } word, ..]) return null;
        return $"Unrecognized command or argument '{word}'{Hint(command, program, word)}";
    }

    private static string Hint(Command command, string program, string word)
    {
        Command[] commands = [.. command.Subcommands.Where(c => !c.Hidden)];
        if (Suggestion.For(word, commands.Select(c => c.Name)) is { } meant) return $". Did you mean '{meant}'?";
        // Every program has a command for completion, which nobody looks for here.
        if (commands.Length == 1) return string.Empty;
        bool isAddress = word.AsSpan().ContainsAny(":./");
        return isAddress && command.Action is not null && commands.FirstOrDefault(c => c.Arguments.Count > 0) is { } taker
            ? $". It belongs behind a command: {program} {taker.Name} {word}"
            : $". The commands are {List([.. commands.Select(c => c.Name)])}";
    }

    // An argument takes every word that is left, also one that is meant as an option. Behind "--" nothing is.
    private static IEnumerable<string> Options(ParseResult parsed)
    {
        int free = parsed.Tokens.TakeWhile(t => t.Value != Separator).Count();
        HashSet<string> before = [.. parsed.Tokens.Take(free).Select(t => t.Value), .. parsed.UnmatchedTokens];
        IEnumerable<string> taken = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Select(t => t.Value);
        return parsed.UnmatchedTokens.Concat(taken)
            .Where(w => w.StartsWith('-') && w is not (StandardStream or Separator) && before.Contains(w));
    }

    private static string OptionProblem(ParseResult parsed, string program, Command command, string word)
    {
        RootCommand root = (RootCommand)parsed.RootCommandResult.Command;
        string name = OptionPlacement.Bare(word);
        if (command != root && OptionPlacement.Elsewhere(root, program, command, name) is { } elsewhere) return elsewhere;
        IEnumerable<Option> known = command.Options.Concat(root.Options.Where(o => o.Recursive)).Where(o => !o.Hidden);
        string? meant = Suggestion.For(name, known.SelectMany(o => o.Aliases.Prepend(o.Name)).Where(IsLong));
        return meant is null ? $"Unrecognized option '{word}'" : $"Unrecognized option '{word}'. Did you mean {meant}?";
    }

    // Of a letter or two every other one is near.
    private static bool IsLong(string name) => name.StartsWith(Separator, StringComparison.Ordinal);

    private static string List(string[] names) => names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
}
