using System.CommandLine;
using System.CommandLine.Parsing;
using RawEcho.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs;

/// <summary>rawecho-certs check: would server and client accept each other, and for how long.</summary>
internal static class CheckCommand
{
    private const int DefaultWarningDays = 14;

    public static Command Build()
    {
        Option<string?> directory = Options.Directory("A set made by create; of it ca-key.pem and the PFX files may be missing");
        Option<string?> ca = Parsers.FileName("--ca", "Instead of a set, one certificate: the roots to trust");
        Option<string?> certificate = Parsers.FileName("--cert", "The one certificate: PEM (intermediates may follow it), DER or PFX");
        Option<string?> key = Parsers.FileName("--key", "Its private key in PEM, if the certificate is in PEM");
        var role = new Option<PeerRole>("--role")
        {
            Description = "Whose certificate it is",
            HelpName = "server|client",
            DefaultValueFactory = _ => PeerRole.Server,
            CustomParser = r => Parsers.Parse(r, TryRole, out PeerRole value, "server or client") ? value : default,
        };
        var name = new Option<string>("--name")
        {
            Description = "A host name or IP address that clients dial; the server's certificate must have it",
            HelpName = "host",
            CustomParser = r => Parsers.Parse(r, SubjectName.TryHost, out string value, "a DNS name or an IP address") ? value : "",
        };
        Option<int> days = Parsers.Number("--days", "Fewer days left than this are a problem", DefaultWarningDays, 0, 36500);
        var command = new Command("check", "Checks certificates with the very rules that server and client apply to each other.")
        {
            directory, ca, certificate, key, role, name, days,
        };
        PasswordOptions password = Options.Password(command);
        command.Validators.Add(r =>
        {
            bool Given(Option o) => r.GetResult(o) is OptionResult { Implicit: false };
            bool single = Given(ca) || Given(certificate) || Given(key) || Given(role);
            if (single && Given(directory)) r.AddError("--dir checks a whole set; --ca, --cert, --key and --role check one certificate");
            else if (single && !(Given(ca) && Given(certificate))) r.AddError("To check one certificate, give --ca and --cert");
        });
        command.SetAction(parsed =>
        {
            string? word = password.Read(parsed);
            string? host = parsed.GetValue(name);
            var checks = new CertificateChecks(parsed.InvocationConfiguration.Output, parsed.GetValue(days), word);
            if (parsed.GetValue(certificate) is { Length: > 0 } file)
                checks.Single(parsed.GetValue(ca)!, file, parsed.GetValue(key), parsed.GetValue(role), host);
            else
                checks.Set(parsed.GetValue(directory)!, host);
            return checks.Problems == 0 ? ExitCode.Success : ExitCode.CheckFailed;
        });
        return command;
    }

    private static bool TryRole(string word, out PeerRole role) =>
        Enum.TryParse(word, ignoreCase: true, out role) && Enum.IsDefined(role) && char.IsAsciiLetter(word[0]);
}
