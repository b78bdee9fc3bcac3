namespace RawEcho.Diagnostics.Commands;

/// <summary>The exit codes in words, for --help.</summary>
internal static class ExitCodeMeanings
{
    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (ExitCode.Success, "done; after -- COMMAND, the program's own exit code"),
        (ExitCode.Defect, "a defect of the program"),
        (ExitCode.Usage, "an unknown option, or a value that cannot be"),
        (ExitCode.NoSuchProcess, "there is no process of that PID or name"),
        (ExitCode.NotDotNet, "the process runs no .NET"),
        (ExitCode.WrongUser, "the process belongs to another user"),
        (ExitCode.DiagnosticsOff, "its diagnostics are switched off (DOTNET_EnableDiagnostics=0)"),
        (ExitCode.SocketMissing, "its diagnostics socket is not in its TMPDIR"),
        (ExitCode.NoAnswer, "the process does not answer"),
        (ExitCode.File, "a file cannot be read or written"),
        (ExitCode.NotARecording, "a file is no recording"),
        (ExitCode.EmptyRecording, "a recording holds no samples"),
        (ExitCode.Report, "the report cannot be written"),
        (ExitCode.Output, "standard output cannot be written, or its reader is gone"),
        (ExitCode.CannotStart, "the program after -- cannot be started"),
        (ExitCode.NotFound, "the program after -- is not there"),
        (ExitCode.Interrupted, "interrupted a second time"),
    ];
}
