using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using RawEcho.Completion;
using RawEcho.Engine;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;
using RawEcho.Terminal;

namespace RawEcho.CommandLine;

/// <summary>Runs a program's commands: expected failures become one sentence on standard error and an exit code.</summary>
public static class CommandProgram
{
    /// <summary>Parses and runs.</summary>
    /// <param name="root">The program's commands.</param>
    /// <param name="name">The program's name, as the user typed it.</param>
    /// <param name="exitCodes">Lines for --help: code and meaning.</param>
    /// <param name="args">The command line.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        RootCommand root, string name, IReadOnlyList<(int Code, string Meaning)> exitCodes, string[] args)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExitCodes((HelpAction)help.Action!, exitCodes);
        root.Options.OfType<VersionOption>().Single().Action = new PrintVersion(name);
        CompletionCommand.AddTo(root, name);
        // No directive but that of completion, and no response files: the name of a directory behind @ makes the library throw.
        bool isCompleted = CompletionCommand.IsAsked(args);
        if (!isCompleted) root.Directives.Clear();
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        // A command line that is being completed is not complete yet.
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExitCodes && !isCompleted)
        {
            StandardStreams.WriteErrorLine($"{name}: {OneLine(parsed.Errors[0].Message).TrimEnd('.')}. Try '{name} --help'.");
            return ExitCode.Usage;
        }

        try
        {
            // Signals and exceptions are the program's own business: it ends in order and says why.
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return StandardStreams.Complete(await parsed.InvokeAsync(configuration));
        }
        catch (Exception e)
        {
            (int code, string message) = Explain(e);
            StandardStreams.WriteErrorLine($"{name}: {OneLine(message)}");
            return code;
        }
    }

    // What a user typed, or what stands in a file, is quoted in messages: it is not to end a line or to steer a terminal.
    private static string OneLine(string message) => Environment.GetEnvironmentVariable("RAWECHO_DEBUG") == "1"
        ? message
        : PeerText.Clean(message);

    private static (int Code, string Message) Explain(Exception e) => e switch
    {
        CommandException c => (c.ExitCode, c.Message),
        CertificateFileException => (ExitCode.Certificate, e.Message),
        ListenException or ConnectException => (ExitCode.Network, e.Message),
        EngineOptionException => (ExitCode.Usage, e.Message),
        UnauthorizedAccessException or IOException => (ExitCode.Usage, e.Message),
        _ when Environment.GetEnvironmentVariable("RAWECHO_DEBUG") == "1" => (ExitCode.Defect, $"A defect of the program: {e}"),
        _ => (ExitCode.Defect, $"A defect of the program: {e.GetType().Name}: {e.Message} (RAWECHO_DEBUG=1 shows where.)"),
    };

    private sealed class HelpWithExitCodes(HelpAction help, IReadOnlyList<(int Code, string Meaning)> exitCodes)
        : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int result = help.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Exit codes:");
            foreach ((int code, string meaning) in exitCodes) output.WriteLine($"  {code,3}  {meaning}");
            output.WriteLine();
            return result;
        }
    }

    private sealed class PrintVersion(string program) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(ProgramVersion.Of(program));
            return ExitCode.Success;
        }
    }
}
