using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using RawEcho.Completion;
using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Commands;

/// <summary>Runs the program's commands: an expected failure becomes one sentence on standard error and an exit code.</summary>
internal static class CommandProgram
{
    /// <summary>The program's name, as it is typed.</summary>
    public const string Name = "rawecho-diagnostics";

    /// <summary>Parses and runs.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(RootCommand root, IReadOnlyList<string> args)
    {
        ShowExitCodes(root);
        root.Options.OfType<VersionOption>().Single().Action = new PrintVersion();
        CompletionCommand.AddTo(root, Name);
        // No directive but that of completion, and no response files: the name of a directory behind @ makes the library throw.
        bool isCompleted = CompletionCommand.IsAsked(args);
        if (!isCompleted) root.Directives.Clear();
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExitCodes && !isCompleted)
        {
            StandardStreams.WriteErrorLine($"{Name}: {OneLine(parsed.Errors[0].Message).TrimEnd('.')}. Try '{Name} --help'.");
            return ExitCode.Usage;
        }

        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return StandardStreams.Complete(await parsed.InvokeAsync(configuration));
        }
        catch (Exception e)
        {
            (int code, string message) = Explain(e);
            StandardStreams.WriteErrorLine($"{Name}: {OneLine(message)}");
            return code;
        }
    }

    // What a user typed, or what stands in a recording, is quoted in messages: it is not to end a line or to steer a terminal.
    private static string OneLine(string message) => Environment.GetEnvironmentVariable("RAWECHO_DEBUG") == "1"
        ? message
        : string.Concat(message.Select(c => char.IsControl(c) ? '?' : c));

    private static (int Code, string Message) Explain(Exception e) => e switch
    {
        DiagnosticsException d => (d.ExitCode, d.Message),
        OperationCanceledException => (ExitCode.Interrupted, "Interrupted."),
        UnauthorizedAccessException or IOException => (ExitCode.File, e.Message),
        _ when Environment.GetEnvironmentVariable("RAWECHO_DEBUG") == "1" => (ExitCode.Defect, $"A defect of the program: {e}"),
        _ => (ExitCode.Defect, $"A defect of the program: {e.GetType().Name}: {e.Message} (RAWECHO_DEBUG=1 shows where.)"),
    };

    // The option is recursive: one action serves all commands.
    private static void ShowExitCodes(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExitCodes((HelpAction)help.Action!);
    }

    private sealed class HelpWithExitCodes(HelpAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int result = help.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Exit codes:");
            foreach ((int code, string meaning) in ExitCodeMeanings.All) output.WriteLine($"  {code,3}  {meaning}");
            output.WriteLine();
            return result;
        }
    }

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(ProgramVersion.Of(Name));
            return ExitCode.Success;
        }
    }
}
