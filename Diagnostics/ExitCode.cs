using RawEcho.Terminal;

namespace RawEcho.Diagnostics;

/// <summary>What the program says to a script. The numbers are a promise: they stand in --help and in docs/diagnostics.md.</summary>
internal static class ExitCode
{
    public const int Success = CommonExitCode.Success;

    /// <summary>A defect of the program itself.</summary>
    public const int Defect = CommonExitCode.Defect;

    /// <summary>An unknown option, or a value that cannot be.</summary>
    public const int Usage = CommonExitCode.Usage;

    /// <summary>There is no process of this number or name.</summary>
    public const int NoSuchProcess = 3;

    /// <summary>The process runs no .NET, or a .NET before Core 3.0.</summary>
    public const int NotDotNet = 4;

    /// <summary>The process belongs to another user.</summary>
    public const int WrongUser = 5;

    /// <summary>The process was started with its diagnostics switched off.</summary>
    public const int DiagnosticsOff = 6;

    /// <summary>The process is .NET, but its diagnostics socket is not where it ought to be: another TMPDIR, or deleted.</summary>
    public const int SocketMissing = 7;

    /// <summary>The process does not answer: it is stopped, or stuck.</summary>
    public const int NoAnswer = 8;

    /// <summary>A file cannot be read or written.</summary>
    public const int File = 9;

    /// <summary>A file is no recording.</summary>
    public const int NotARecording = 10;

    /// <summary>A recording holds no samples: there is nothing to report.</summary>
    public const int EmptyRecording = 11;

    /// <summary>The report cannot be written.</summary>
    public const int Report = 12;

    /// <summary>All went as asked, but standard output did not take all of it.</summary>
    public const int Output = CommonExitCode.Output;

    /// <summary>The program after "--" cannot be started because it is not executable.</summary>
    public const int CannotStart = 126;

    /// <summary>The program after "--" is not there.</summary>
    public const int NotFound = 127;

    /// <summary>Interrupted a second time, without detaching in order.</summary>
    public const int Interrupted = CommonExitCode.Interrupted;
}
