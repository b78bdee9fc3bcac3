using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using RawEcho.Terminal;

namespace RawEcho.Commands;

/// <summary>--help, with the program's exit codes at the end.</summary>
internal sealed class HelpWithExitCodes(HelpAction help, IReadOnlyList<(int Code, string Meaning)> exitCodes, string? variables)
    : SynchronousCommandLineAction
{
    private const int Indent = 7;

    /// <summary>Replaces the help of all commands: the option is recursive, so one action serves them all.</summary>
    /// <param name="root">The program's commands.</param>
    /// <param name="exitCodes">Exit codes and their meanings.</param>
    /// <param name="variables">Which options have defaults in the environment; null for none.</param>
    public static void AddTo(RootCommand root, IReadOnlyList<(int Code, string Meaning)> exitCodes, string? variables)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExitCodes((HelpAction)option.Action!, exitCodes, variables);
    }

    public override int Invoke(ParseResult parseResult)
    {
        help.MaxWidth = Math.Min(TerminalWidth.OfOutput, TerminalWidth.Usual);
        int result = help.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (variables is { } sentence)
        {
            output.WriteLine("Environment:");
            foreach (string line in WordWrap.Lines(sentence, help.MaxWidth - 2)) output.WriteLine($"  {line}");
            output.WriteLine();
        }

        output.WriteLine("Exit codes:");
        foreach ((int code, string meaning) in exitCodes)
        {
            string[] lines = [.. WordWrap.Lines(meaning, help.MaxWidth - Indent)];
            output.WriteLine($"  {code,3}  {lines[0]}");
            foreach (string line in lines.Skip(1)) output.WriteLine(new string(' ', Indent) + line);
        }

        output.WriteLine();
        return result;
    }
}
