using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Commands;

/// <summary>The exit codes in words, for --help.</summary>
internal static class ExitCodeMeanings
{
    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (CommonExitCode.Success, "done; after -- COMMAND, the program's own exit code"),
        (CommonExitCode.Defect, "a defect of the program"),
        (CommonExitCode.Usage, "an unknown option, or a value that cannot be"),
        (DiagnosticsExitCode.NoSuchProcess, "there is no process of that PID or name"),
        (DiagnosticsExitCode.NotDotNet, "the process runs no .NET"),
        (DiagnosticsExitCode.WrongUser, "the process belongs to another user"),
        (DiagnosticsExitCode.DiagnosticsOff, "its diagnostics are switched off (DOTNET_EnableDiagnostics=0)"),
        (DiagnosticsExitCode.SocketMissing, "its diagnostics socket is not in its TMPDIR"),
        (DiagnosticsExitCode.NoAnswer, "the process does not answer"),
        (DiagnosticsExitCode.File, "a file cannot be read or written"),
        (DiagnosticsExitCode.NotARecording, "a file is no recording"),
        (DiagnosticsExitCode.EmptyRecording, "a recording holds no samples"),
        (DiagnosticsExitCode.Report, "the report cannot be written"),
        (CommonExitCode.Output, "standard output cannot be written, or its reader is gone"),
        (DiagnosticsExitCode.CannotStart, "the program after -- cannot be started"),
        (DiagnosticsExitCode.NotFound, "the program after -- is not there"),
        (CommonExitCode.Interrupted, "interrupted: before the end of --duration, before the first sample, or a second time"),
    ];
}
