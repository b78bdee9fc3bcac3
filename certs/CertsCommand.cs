using System.CommandLine;
using RawEcho.CommandLine;

namespace RawEcho.Certs;

/// <summary>The command line of rawecho-certs.</summary>
internal static class CertsCommand
{
    public static readonly IReadOnlyList<(int Code, string Meaning)> ExitCodes =
    [
        (ExitCode.Success, "done; for check: nothing is wrong"),
        (ExitCode.Defect, "a defect of this program"),
        (ExitCode.Usage, "an unknown option, or a value that cannot be"),
        (ExitCode.Certificate, "a file is missing, cannot be read or written, or exists already; or the system makes no key"),
        (ExitCode.CheckFailed, "check found a problem; renew: the CA itself is due"),
        (ExitCode.Output, "done, but standard output cannot be written, or its reader is gone"),
        (ExitCode.Interrupted, "interrupted; no file is half-written"),
    ];

    public static RootCommand Create() =>
        new("Makes a private CA with certificates for mutual TLS, and looks after them.")
        {
            CreateCommand.Build(),
            IssueCommand.Build(),
            ListCommand.Build(),
            ShowCommand.Build(),
            CheckCommand.Build(),
            RenewCommand.Build(),
            RevokeCommand.Build(),
            CrlCommand.Build(),
        };
}
