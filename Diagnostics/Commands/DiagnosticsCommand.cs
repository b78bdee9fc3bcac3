using System.CommandLine;
using RawEcho.Diagnostics.Report;
using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Commands;

/// <summary>The command line of rawecho-diagnostics.</summary>
internal static class DiagnosticsCommand
{
    private const string Separator = "--";
    private const string Record = "record";

    /// <summary>Takes the command line apart: what stands behind "--" of record is another program's.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        int separator = args is [Record, ..] ? Array.IndexOf(args, Separator) : -1;
        string[] own = separator < 0 ? args : args[..separator];
        string[] started = separator < 0 ? [] : args[(separator + 1)..];
        var root = new RootCommand("Shows CPU, memory, threads, GC, sockets and TLS of .NET processes side by side. It attaches to them while they run, and needs nothing from them in advance.");
        root.Subcommands.Add(PsCommand.Create());
        root.Subcommands.Add(WatchCommand.Create());
        root.Subcommands.Add(RecordCommand.Create(started));
        root.Subcommands.Add(ReportCommand.Create());
        if (separator < 0 || started.Length > 0) return CommandProgram.RunAsync(root, own);
        const string name = CommandProgram.Name;
        StandardStreams.WriteErrorLine($"{name}: A program to start has to follow '--'. Try '{name} --help'.");
        return Task.FromResult(ExitCode.Usage);
    }
}
