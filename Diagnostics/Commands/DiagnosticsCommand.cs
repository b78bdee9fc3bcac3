using System.CommandLine;
using RawEcho.Commands;
using RawEcho.Diagnostics.Printing;
using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Commands;

/// <summary>The command line of rawecho-diagnostics.</summary>
internal static class DiagnosticsCommand
{
    /// <summary>The program's name, as the user types it.</summary>
    public const string Name = "rawecho-diagnostics";

    private const string Separator = "--";
    private const string Record = "record";

    /// <summary>Runs the command. The words after "--" of record are the command line of another program.</summary>
    public static Task<int> RunAsync(string[] words)
    {
        // "--duration 5s record ..." is "record --duration 5s ..." from here on.
        string[] args = [.. OptionPlacement.Arrange(Create([]), Name, words).Args];
        int separator = args is [Record, ..] ? Array.IndexOf(args, Separator) : -1;
        string[] own = separator < 0 ? args : args[..separator];
        string[] started = separator < 0 ? [] : args[(separator + 1)..];
        if (separator >= 0 && started.Length == 0)
        {
            StandardStreams.WriteErrorLine($"{Name}: A program to start has to follow '--'. Try '{Name} {Record} --help'.");
            return Task.FromResult(CommonExitCode.Usage);
        }

        var program = new CommandProgram
        {
            Name = Name,
            ExitCodes = ExitCodeMeanings.All,
            Variables = "RAWECHO_INTERVAL, RAWECHO_DURATION, RAWECHO_GROUP, RAWECHO_METER, RAWECHO_COUNTER, RAWECHO_MAX_SERIES and "
                + "RAWECHO_MAX_HISTOGRAMS are the defaults of those options of watch and record, if they are set. "
                + "The option on the command line wins.",
            Explain = Explain,
            Clean = PrintableText.Of,
        };
        return program.RunAsync(Create(started), own);
    }

    /// <summary>The program's commands.</summary>
    /// <param name="started">The words behind "--": a program to start and to record; empty for none.</param>
    public static RootCommand Create(IReadOnlyList<string> started)
    {
        var root = new RootCommand("Shows CPU, memory, threads, GC, sockets and TLS of .NET processes side by side. "
            + "It attaches to them while they run, and needs nothing from them in advance.");
        root.Subcommands.Add(PsCommand.Create());
        root.Subcommands.Add(WatchCommand.Create());
        root.Subcommands.Add(RecordCommand.Create(started));
        root.Subcommands.Add(ReportCommand.Create());
        return root;
    }

    private static (int Code, string Message)? Explain(Exception e) => e switch
    {
        DiagnosticsException d => (d.ExitCode, d.Message),
        OperationCanceledException => (CommonExitCode.Interrupted, "Interrupted."),
        UnauthorizedAccessException or IOException => (DiagnosticsExitCode.File, e.Message),
        _ => null,
    };
}
