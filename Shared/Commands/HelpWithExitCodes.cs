using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using RawEcho.Terminal;

namespace RawEcho.Commands;

/// <summary>--help, with the program's exit codes at the end.</summary>
internal sealed class HelpWithExitCodes(HelpAction help, IReadOnlyList<(int Code, string Meaning)> exitCodes) : SynchronousCommandLineAction
{
    private const int Indent = 7;

    /// <summary>Replaces the help of all commands: the option is recursive, so one action serves them all.</summary>
    public static void AddTo(RootCommand root, IReadOnlyList<(int Code, string Meaning)> exitCodes)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExitCodes((HelpAction)option.Action!, exitCodes);
    }

    public override int Invoke(ParseResult parseResult)
    {
        help.MaxWidth = Math.Min(TerminalWidth.OfOutput, TerminalWidth.Usual);
        int result = help.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
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
