using System.CommandLine;
using RawEcho.Client.Compare;
using RawEcho.Client.Get;
using RawEcho.Client.Handshake;
using RawEcho.Client.Max;
using RawEcho.Client.Merge;
using RawEcho.Client.Probe;
using RawEcho.Client.Run;
using RawEcho.CommandLine;

namespace RawEcho.Client;

/// <summary>The command line of rawecho-client.</summary>
internal static class ClientCommand
{
    public static readonly IReadOnlyList<(int Code, string Meaning)> ExitCodes =
    [
        (ExitCode.Success, "every echo matched, every response was whole"),
        (ExitCode.Defect, "a defect of the program"),
        (ExitCode.Usage, "an unknown option, a value that cannot be, or a result file that cannot be read"),
        (ExitCode.Certificate, "a certificate or key file is missing, unreadable or does not fit"),
        (ExitCode.Network, "the server cannot be reached"),
        (ExitCode.TlsRefused, "refused by TLS, by the server or by this client"),
        (ExitCode.Mismatch, "an echo differed from what was sent, or a response is no HTTP"),
        (ExitCode.ConnectionLost, "a connection broke while an echo or a response was owed"),
        (ExitCode.ServerClosed, "the server closed in order before the run was over"),
        (
            ExitCode.ConditionMet,
            "a condition of --fail-if holds or cannot be decided, one of --abort-if holds, or max found no rate that holds the target"),
        (ExitCode.Report, "a file of --report, --hdr-log, --json-lines or --output cannot be written"),
        (
            ExitCode.Fleet,
            "members of a fleet do not fit together: one is missing, or has other settings or another clock; or a member missed the start, "
            + "or the time server of --clock gives no time"),
        (ExitCode.Output, "standard output cannot be written, or its reader is gone"),
        (ExitCode.Interrupted, "interrupted before it was over; results so far are written, but not at a second signal"),
    ];

    public static RootCommand Create()
    {
        var root = new RootCommand(
            "Loads an echo server or a web server over mutual TLS and verifies what comes back. Without a command it does 'run'; "
            + "without options: 64 clients, 10 s, messages of 1 to 100 bytes, localhost:7443, the development certificates.");
        RunCommand.AddTo(root);
        root.Subcommands.Add(RunCommand.Create());
        root.Subcommands.Add(GetCommand.Create());
        root.Subcommands.Add(HandshakeCommand.Create());
        root.Subcommands.Add(MaxCommand.Create());
        root.Subcommands.Add(MergeCommand.Create());
        root.Subcommands.Add(CompareCommand.Create());
        root.Subcommands.Add(ProbeCommand.Create());
        return root;
    }
}
