using System.CommandLine;
using RawEcho.Completion;
using RawEcho.Terminal;

namespace RawEcho.Commands;

/// <summary>
/// Runs the commands of a program: an expected failure becomes one sentence on standard error and an exit code. The environment
/// variable RAWECHO_DEBUG=1 shows messages unchanged, and the stack trace of a defect.
/// </summary>
public sealed class CommandProgram
{
    /// <summary>The program's name, as the user types it.</summary>
    public required string Name { get; init; }

    /// <summary>Exit codes and their meanings, for --help.</summary>
    public required IReadOnlyList<(int Code, string Meaning)> ExitCodes { get; init; }

    /// <summary>Which options have defaults in the environment, as a sentence for --help; null for none.</summary>
    public string? Variables { get; init; }

    /// <summary>The exit code and the sentence for an exception that the program expects; null for a defect.</summary>
    public required Func<Exception, (int Code, string Message)?> Explain { get; init; }

    /// <summary>
    /// Replaces what could end a line or steer a terminal. Messages quote what a user typed, what a file holds, or what a peer sent.
    /// </summary>
    public required Func<string, string> Clean { get; init; }

    private static bool IsDebugging => Environment.GetEnvironmentVariable("RAWECHO_DEBUG") == "1";

    /// <summary>Parses the command line and runs the command.</summary>
    /// <param name="root">The program's commands.</param>
    /// <param name="args">The command line.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(RootCommand root, IReadOnlyList<string> args)
    {
        HelpWithExitCodes.AddTo(root, ExitCodes, Variables);
        root.Options.OfType<VersionOption>().Single().Action = new PrintVersion(Name);
        CompletionCommand.AddTo(root, Name);
        ManCommand.AddTo(root, this);
        // No directive but that of completion, and no response files: the name of a directory behind @ makes the library throw.
        bool isCompleted = CompletionCommand.IsAsked(args);
        if (!isCompleted) root.Directives.Clear();
        (IReadOnlyList<string> arranged, string? problem) = isCompleted ? (args, null) : OptionPlacement.Arrange(root, Name, args);
        if (problem is not null) return RefuseUsage(problem, root);
        ParseResult parsed = root.Parse(arranged, new ParserConfiguration { ResponseFileTokenReplacer = null });
        // A command line that is being completed is not complete yet.
        Command command = parsed.CommandResult.Command;
        bool isHelp = parsed.Action is HelpWithExitCodes;
        if (!isHelp && !isCompleted && UnknownWord.In(parsed, Name) is { } unknown) return RefuseUsage(unknown, command);
        if (parsed.Errors.Count > 0 && !isHelp && !isCompleted) return RefuseUsage(parsed.Errors[0].Message, command);
        if (!isHelp && !isCompleted && EnvironmentDefault.ProblemIn(parsed) is { } variable) return RefuseUsage(variable, command);
        if (!isCompleted && OptionPlacement.Unread(parsed) is { } unread)
            return RefuseUsage($"{unread.Name} does not belong before '{command.Name}'", command);

        try
        {
            // Signals and exceptions are the program's own business: it shuts down in order and says why.
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return StandardStreams.Complete(await parsed.InvokeAsync(configuration));
        }
        catch (Exception e)
        {
            (int code, string message) = Explain(e) ?? Defect(e);
            StandardStreams.WriteErrorLine($"{Name}: {OneLine(message)}");
            return code;
        }
    }

    private static (int Code, string Message) Defect(Exception e) => (CommonExitCode.Defect, IsDebugging
        ? $"A defect of the program: {e}"
        : $"A defect of the program: {e.GetType().Name}: {e.Message} (RAWECHO_DEBUG=1 shows where.)");

    private int RefuseUsage(string problem, Command command)
    {
        string path = command is RootCommand ? Name : $"{Name} {command.Name}";
        string end = problem.EndsWith('?') ? string.Empty : ".";
        StandardStreams.WriteErrorLine($"{Name}: {OneLine(problem).TrimEnd('.')}{end} Try '{path} --help'.");
        return CommonExitCode.Usage;
    }

    private string OneLine(string message) => IsDebugging ? message : Clean(message);
}
