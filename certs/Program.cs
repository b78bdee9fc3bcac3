using System.CommandLine;
using RawEcho.Certs;
using RawEcho.CommandLine;
using RawEcho.Terminal;

const string name = "rawecho-certs";
StandardStreams.Guard(name);
(int, string)[] exitCodes =
[
    (ExitCode.Success, "done; for check: nothing is wrong"),
    (ExitCode.Defect, "a defect of this program"),
    (ExitCode.Usage, "an unknown option, or a value that cannot be"),
    (ExitCode.Certificate, "a file is missing, cannot be read or written, or exists already"),
    (ExitCode.CheckFailed, "check found a problem; renew: the CA itself is due"),
    (ExitCode.Output, "done, but standard output cannot be written, or its reader is gone"),
];
var root = new RootCommand("Makes a private CA with certificates for mutual TLS, and looks after them.")
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
return await EngineProgram.RunAsync(root, name, exitCodes, args);
