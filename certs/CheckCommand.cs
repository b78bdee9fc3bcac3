using System.CommandLine;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;
using RawEcho.Terminal;

namespace RawEcho.Certs;

/// <summary>rawecho-certs check: would server and client accept each other, and for how long.</summary>
internal static class CheckCommand
{
    private const int DefaultWarningDays = 14;

    public static Command Build()
    {
        var command = new Command("check", "Checks certificates with the very rules that server and client apply to each other.");
        Options.Attach(command, Declare);
        return command;
    }

    private static Func<ParseResult, Func<int>> Declare(OptionSet options)
    {
        OptionReader<string?> directory =
            options.Add(Options.Directory("A set made by create; of it ca-key.pem and the PFX files may be missing"));
        OptionReader<string?> ca = options.Add(Parsers.FileName("--ca", "Instead of a set, one certificate: the roots to trust"));
        OptionReader<bool> partialChain = options.Add(TlsCommandOptions.PartialChain());
        OptionReader<string?> certificate =
            options.Add(Parsers.FileName("--cert", "The one certificate: PEM (intermediates may follow it), DER or PFX"));
        OptionReader<string?> key = options.Add(Parsers.FileName("--key", "Its private key in PEM, if the certificate is in PEM"));
        OptionReader<PeerRole> role = options.Add(new Option<PeerRole>("--role")
        {
            Description = "Whose certificate it is",
            HelpName = "server|client",
            DefaultValueFactory = _ => PeerRole.Server,
            CustomParser = r => Parsers.Parse(r, TryRole, out PeerRole value, "server or client") ? value : default,
        });
        OptionReader<string> name = options.Add(new Option<string>("--name")
        {
            Description = "A host name or IP address that clients dial; the server's certificate must have it",
            HelpName = "host",
            CustomParser = r => Parsers.Parse(r, SubjectName.TryHost, out string value, "a DNS name or an IP address") ? value : "",
        });
        OptionReader<int> days =
            options.Add(Parsers.Number("--days", "Fewer days left than this are a problem", DefaultWarningDays, 0, 36500));
        OptionReader<bool> json = options.Add(new Option<bool>("--json") { Description = "As one JSON object, for programs" });
        PasswordOptions password = Options.Password(options);
        options.Check(r =>
        {
            bool single = ca.IsGiven(r) || certificate.IsGiven(r) || key.IsGiven(r) || role.IsGiven(r)
                || partialChain.IsGiven(r);
            if (single && directory.IsGiven(r))
                r.AddError("--dir checks a whole set; --ca, --partial-chain, --cert, --key and --role check one certificate");
            else if (single && !(ca.IsGiven(r) && certificate.IsGiven(r)))
                r.AddError("To check one certificate, give --ca and --cert");
        });
        return parsed =>
        {
            PasswordSource source = password.Bind(parsed);
            (string? trusted, string? single, string? itsKey) = (ca.Read(parsed), certificate.Read(parsed), key.Read(parsed));
            (string? set, string? host) = (directory.Read(parsed), name.Read(parsed));
            (PeerRole whose, int limit) = (role.Read(parsed), days.Read(parsed));
            (bool partial, bool isJson) = (partialChain.Read(parsed), json.Read(parsed));
            TextWriter output = parsed.InvocationConfiguration.Output;
            return () =>
            {
                var results = new List<CheckResult>();
                var checks = new CertificateChecks(isJson ? results.Add : r => Write(r, output), limit, source.Read(), partial);
                void Run()
                {
                    if (single is { Length: > 0 }) checks.Single(trusted!, single, itsKey, whose, host);
                    else checks.Set(set!, host);
                }

                if (isJson) return WriteJson(Run, results, output);
                Run();
                return CodeOf(checks.Problems);
            };
        };
    }

    private static int CodeOf(int problems) => problems == 0 ? ExitCode.Success : ExitCode.CheckFailed;

    // A file that cannot be read is in the object too, and the exit code is that of the text.
    private static int WriteJson(Action run, List<CheckResult> results, TextWriter output)
    {
        (int code, string? error) = (ExitCode.Success, null);
        try
        {
            run();
        }
        catch (Exception e) when (e is CertificateFileException or CommandException)
        {
            (code, error) = (e is CommandException c ? c.ExitCode : ExitCode.Certificate, ProblemText.Of(e));
        }

        var report = new CheckReport(results, error);
        output.WriteLine(CertsJson.Of(report));
        return error is null ? CodeOf(report.Problems) : code;
    }

    private static void Write(CheckResult result, TextWriter output)
    {
        string head = result.Ok ? "ok: " : "PROBLEM: ";
        FoldedLine.Write(output, PeerText.Clean(head + result.Text), head.Length);
    }

    private static bool TryRole(string word, out PeerRole role) =>
        Enum.TryParse(word, ignoreCase: true, out role) && Enum.IsDefined(role) && char.IsAsciiLetter(word[0]);
}
