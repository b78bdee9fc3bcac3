using System.CommandLine;
using System.Runtime.CompilerServices;

namespace RawEcho.Commands;

/// <summary>
/// Defaults of options from the environment. One rule: RAWECHO_ and the option's name in capitals, with _ for every other character, so
/// --server-name is RAWECHO_SERVER_NAME. A variable that is empty is none.
/// </summary>
public static class EnvironmentDefault
{
    /// <summary>The rule, for --help of a program all of whose options follow it.</summary>
    public const string Rule =
        "Every option has its default in RAWECHO_ and its name in capitals, if that is set: RAWECHO_SERVER_NAME is for --server-name. "
        + "The option on the command line wins.";

    private const string Prefix = "RAWECHO_";

    // Said when the option is about to count, and not when it is declared.
    private static readonly ConditionalWeakTable<Option, string> Problems = [];

    private static readonly Dictionary<string, string> Switches = new(StringComparer.OrdinalIgnoreCase)
    {
        ["true"] = "true",
        ["1"] = "true",
        ["yes"] = "true",
        ["on"] = "true",
        ["false"] = "false",
        ["0"] = "false",
        ["no"] = "false",
        ["off"] = "false",
    };

    /// <summary>The name of the variable that holds the default of an option.</summary>
    public static string VariableOf(Option option) =>
        Prefix + string.Concat(option.Name.TrimStart('-').Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));

    /// <summary>True where the environment has a default for an option.</summary>
    public static bool IsSet(Option option) => ValueOf(option) is not null;

    /// <summary>Takes the default of an option from its variable, if that is set. The option on the command line wins.</summary>
    /// <param name="option">The option, whole: its own default is replaced.</param>
    public static void Attach<T>(Option<T> option)
    {
        if (ValueOf(option) is not { } word) return;
        (T? value, string? problem) = Parse(option, word);
        if (problem is null) option.DefaultValueFactory = _ => value!;
        else Problems.AddOrUpdate(option, $"{VariableOf(option)}: {problem}");
    }

    /// <summary>Says which variable holds no value of its option, where that would count; null for none.</summary>
    internal static string? ProblemIn(ParseResult parsed)
    {
        foreach (Option option in parsed.CommandResult.Command.Options)
        {
            bool counts = parsed.GetResult(option) is null or { Implicit: true };
            if (counts && Problems.TryGetValue(option, out string? problem)) return problem;
        }

        return null;
    }

    private static string? ValueOf(Option option) =>
        Environment.GetEnvironmentVariable(VariableOf(option)) is { Length: > 0 } word ? word : null;

    // As if it stood on a command line, alone.
    private static (T? Value, string? Problem) Parse<T>(Option<T> option, string word)
    {
        if (typeof(T) == typeof(bool))
        {
            if (!Switches.TryGetValue(word, out string? known)) return (default, $"{option.Name} takes true or false here, not '{word}'");
            word = known;
        }

        ParseResult parsed = new Command("environment") { option }.Parse(
            [$"{option.Name}={word}"], new ParserConfiguration { ResponseFileTokenReplacer = null });
        return parsed.Errors.Count > 0 ? (default, parsed.Errors[0].Message) : (parsed.GetValue(option), null);
    }
}
