using System.CommandLine;
using RawEcho.CommandLine;

namespace RawEcho.Certs;

/// <summary>rawecho-certs renew: new certificates for those of a set that are about to expire.</summary>
internal static class RenewCommand
{
    private const int DefaultWithin = 30;
    private const int MaxDays = 36500;

    public static Command Build()
    {
        const string meaning = "Renews certificates that are about to expire or were revoked: same names, same CA, and a new key for a "
            + "revoked one. A running server takes them up by itself.";
        var command = new Command("renew", meaning);
        Options.Attach(command, Declare);
        return command;
    }

    private static Func<ParseResult, Func<int>> Declare(OptionSet options)
    {
        OptionReader<string?> directory = options.Add(Options.Directory("A set made by create, with the CA's key"));
        OptionReader<int> within =
            options.Add(Parsers.Number("--within", "Renew what has fewer days left than this", DefaultWithin, 0, MaxDays));
        OptionReader<bool> all = options.Add(new Option<bool>("--all") { Description = "Renew all certificates, due or not" });
        OptionReader<int?> days = options.Add(Options.Number(
            "--days",
            "How long the new ones are valid; not longer than the CA [default: 365, or as long as the old one if that was under 30]",
            MaxDays));
        OptionReader<bool> newKey = options.Add(new Option<bool>("--new-key")
        {
            Description = "Make new keys too; without it the keys are kept, unless they were revoked",
        });
        OptionReader<string?> name = options.Add(new Option<string?>("--name")
        {
            Description = "Renew this one alone",
            HelpName = "name",
            CustomParser = r => Parsers.Parse(r, PeerFiles.TryParse, out string value, "the name of a certificate, such as client")
                ? value
                : "",
        });
        PasswordOptions password = Options.Password(options);
        return parsed =>
        {
            string path = directory.Read(parsed)!;
            PasswordSource source = password.Bind(parsed);
            int caLimit = within.Read(parsed);
            (int? valid, bool replaceKeys) = (days.Read(parsed), newKey.Read(parsed));
            int limit = all.Read(parsed) ? int.MaxValue : caLimit;
            string? only = name.Read(parsed);
            TextWriter output = parsed.InvocationConfiguration.Output;
            return () =>
            {
                string? word = source.Read();
                using CaDirectory ca = CaDirectory.Open(path);
                return new Renewal(ca, new RenewalRequest(limit, caLimit, valid, replaceKeys, word, only)).Run(output);
            };
        };
    }
}
