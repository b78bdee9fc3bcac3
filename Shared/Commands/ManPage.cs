using System.Collections;
using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using System.Text;
using RawEcho.Terminal;

namespace RawEcho.Commands;

/// <summary>The manual page of a program (section 1, macros of man(7)), from the definitions of its commands and options.</summary>
/// <param name="program">The program's name, as the user types it.</param>
internal sealed class ManPage(string program)
{
    private static readonly string[] Programs = ["rawecho-certs", "rawecho-client", "rawecho-diagnostics", "rawecho-server"];

    private readonly StringBuilder _page = new();

    /// <summary>The page.</summary>
    /// <param name="root">The program's commands, all of them.</param>
    /// <param name="exitCodes">Exit codes and their meanings.</param>
    /// <param name="variables">Which options have defaults in the environment; null for none.</param>
    public string Of(RootCommand root, IReadOnlyList<(int Code, string Meaning)> exitCodes, string? variables)
    {
        Command[] commands = [.. root.Subcommands.Where(c => !c.Hidden)];
        Macro($".TH {program.ToUpperInvariant()} 1 \"\" \"{ProgramVersion.Of(program)}\" \"RawEcho\"");
        Section("NAME");
        Text($"{program} - {FirstSentence(root.Description)}");
        Section("SYNOPSIS");
        if (root.Action is not null) Synopsis(root);
        foreach (Command command in commands) Synopsis(command);
        Section("DESCRIPTION");
        Text(root.Description);
        Section("OPTIONS");
        Options(root.Options);
        Section("COMMANDS");
        foreach (Command command in commands) Describe(command, root);
        Section("EXIT STATUS");
        foreach ((int code, string meaning) in exitCodes) Item($"\\fB{code.ToString(CultureInfo.InvariantCulture)}\\fR", meaning);
        if (variables is not null)
        {
            Section("ENVIRONMENT");
            Text(variables);
        }

        Section("SEE ALSO");
        string[] others = [.. Programs.Where(p => p != program)];
        foreach (string other in others) Macro($".BR {Escape(other)} (1){(other == others[^1] ? "" : ",")}");
        return _page.ToString();
    }

    private static string FirstSentence(string? text)
    {
        string sentence = text ?? string.Empty;
        int end = sentence.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? sentence : sentence[..end]).TrimEnd('.');
    }

    private void Describe(Command command, RootCommand root)
    {
        Macro($".SS {Escape(command.Name)}");
        Text(command.Description);
        foreach (Argument argument in command.Arguments.Where(a => !a.Hidden))
            Item($"\\fI{Escape(argument.HelpName ?? argument.Name)}\\fR", argument.Description);
        string[] own = [.. Shown(command.Options).Select(o => o.Name)], above = [.. Shown(root.Options).Select(o => o.Name)];
        if (own.Length > 0 && own.All(above.Contains)) Text("Its options are those of the program without a command, above.");
        else Options(command.Options);
    }

    private void Synopsis(Command command)
    {
        var line = new StringBuilder($".B {Escape(program)}");
        if (command is not RootCommand) line.Append(' ').Append(Escape(command.Name));
        Macro(line.ToString());
        foreach (Argument argument in command.Arguments.Where(a => !a.Hidden))
        {
            string more = argument.Arity.MaximumNumberOfValues > 1 ? "..." : string.Empty;
            string word = $"\\fI{Escape(argument.HelpName ?? argument.Name)}\\fR{more}";
            Macro(argument.Arity.MinimumNumberOfValues == 0 ? $"[{word}]" : word);
        }

        if (Shown(command.Options).Any()) Macro("[\\fIoptions\\fR]");
        Macro(".br");
    }

    private static IEnumerable<Option> Shown(IEnumerable<Option> options) => options.Where(o => !o.Hidden);

    private void Options(IEnumerable<Option> options)
    {
        foreach (Option option in Shown(options))
        {
            IEnumerable<string> names =
                option.Aliases.Where(a => a.StartsWith('-')).Append(option.Name).Select(n => $"\\fB{Escape(n)}\\fR");
            string value = option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool)
                ? $" \\fI{Escape(option.HelpName ?? "value")}\\fR"
                : string.Empty;
            Item(string.Join(", ", names) + value, option.Description + Default(option));
        }
    }

    private static string Default(Option option)
    {
        if (option is HelpOption or VersionOption || !option.HasDefaultValue) return string.Empty;
        string text = option.GetDefaultValue() switch
        {
            null or false => string.Empty,
            string word => word,
            IEnumerable many => string.Join(", ", many.Cast<object>()),
            var one => Convert.ToString(one, CultureInfo.InvariantCulture) ?? string.Empty,
        };
        return text.Length == 0 ? string.Empty : $" [default: {text}]";
    }

    private void Section(string title) => Macro($".SH {title}");

    private void Item(string term, string? meaning)
    {
        Macro(".TP");
        Macro(term);
        Text(meaning);
    }

    private void Text(string? text)
    {
        if (string.IsNullOrEmpty(text)) return;
        foreach (string line in WordWrap.Lines(text, TerminalWidth.Usual))
            Macro(line.StartsWith('.') || line.StartsWith('\'') ? $"\\&{Escape(line)}" : Escape(line));
    }

    private void Macro(string line) => _page.Append(line).Append('\n');

    // A hyphen that is typed is a minus sign to roff; its own would not be found by a search.
    private static string Escape(string text) =>
        text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
}
