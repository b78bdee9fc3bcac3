namespace RawEcho.Diagnostics;

/// <summary>
/// The exit codes of this program alone; those that all programs share are <see cref="Terminal.CommonExitCode"/>. Scripts depend on the
/// numbers: --help and docs/diagnostics.md list them.
/// </summary>
internal static class DiagnosticsExitCode
{
    /// <summary>There is no process of this PID or name.</summary>
    public const int NoSuchProcess = 3;

    /// <summary>The process does not run .NET, or runs a version before .NET Core 3.0.</summary>
    public const int NotDotNet = 4;

    /// <summary>The process belongs to another user.</summary>
    public const int WrongUser = 5;

    /// <summary>The process was started with its diagnostics switched off.</summary>
    public const int DiagnosticsOff = 6;

    /// <summary>The process is .NET, but its diagnostics socket is not in its TMPDIR: for example because it was deleted.</summary>
    public const int SocketMissing = 7;

    /// <summary>The process does not answer: it is stopped, or stuck.</summary>
    public const int NoAnswer = 8;

    /// <summary>A file cannot be read or written.</summary>
    public const int File = 9;

    /// <summary>A file is not a recording.</summary>
    public const int NotARecording = 10;

    /// <summary>A recording holds no samples: there is nothing to report.</summary>
    public const int EmptyRecording = 11;

    /// <summary>The report cannot be written.</summary>
    public const int Report = 12;

    /// <summary>The program after "--" cannot be started because it is not executable.</summary>
    public const int CannotStart = 126;

    /// <summary>The program after "--" does not exist.</summary>
    public const int NotFound = 127;
}
