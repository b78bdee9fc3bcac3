using RawEcho.Terminal;

namespace RawEcho.CommandLine;

/// <summary>What the programs say to a script. The numbers are a promise: they stand in --help and in the README.</summary>
public static class ExitCode
{
    /// <summary>All went as asked; for the client: every echo matched.</summary>
    public const int Success = CommonExitCode.Success;

    /// <summary>A defect of the program itself.</summary>
    public const int Defect = CommonExitCode.Defect;

    /// <summary>An unknown option, or a value that cannot be.</summary>
    public const int Usage = CommonExitCode.Usage;

    /// <summary>A certificate or key file is missing, unreadable, expired, or does not fit.</summary>
    public const int Certificate = 3;

    /// <summary>An address cannot be listened on, or the server cannot be reached.</summary>
    public const int Network = 4;

    /// <summary>TLS refused: this side the peer's certificate, the peer this side's, or there was no common ground.</summary>
    public const int TlsRefused = 5;

    /// <summary>An echo differed from what was sent.</summary>
    public const int Mismatch = 6;

    /// <summary>A connection broke while an echo was owed.</summary>
    public const int ConnectionLost = 7;

    /// <summary>The server closed in order before the run was over; no echo that it had begun was lost.</summary>
    public const int ServerClosed = 8;

    /// <summary>rawecho-certs check found something wrong.</summary>
    public const int CheckFailed = 9;

    /// <summary>A condition of --fail-if holds, or cannot be decided; or one of --abort-if holds.</summary>
    public const int ConditionMet = 10;

    /// <summary>The report (--report) cannot be written.</summary>
    public const int Report = 11;

    /// <summary>
    /// The members of a fleet do not fit together: one is missing, or has other settings, another start or another clock; or a member has
    /// missed the start, or the clock that it was to go by gives no time.
    /// </summary>
    public const int Fleet = 12;

    /// <summary>All went as asked, but standard output did not take all of it.</summary>
    public const int Output = CommonExitCode.Output;

    /// <summary>Interrupted before the work was over; or a second time, without waiting for the end in order.</summary>
    public const int Interrupted = CommonExitCode.Interrupted;
}
