using System.CommandLine;
using RawEcho.CommandLine;
using RawEcho.Commands;
using RawEcho.Engine.Certificates;

namespace RawEcho.Certs;

/// <summary>Options that the commands share.</summary>
internal static class Options
{
    public const string DefaultDirectory = "certs/dev";

    /// <summary>The directory of a set.</summary>
    public static Option<string?> Directory(string description)
    {
        Option<string?> option = Parsers.Path("--dir", "directory", description);
        option.DefaultValueFactory = _ => DefaultDirectory;
        // The other options say which certificate is meant, and some have another meaning than those of server and client.
        EnvironmentDefault.Attach(option);
        return option;
    }

    /// <summary>The option with a directory's name, to be shown; empty for the default.</summary>
    public static string DirectoryText(string directory)
    {
        string text = PeerText.Clean(directory);
        return text == DefaultDirectory ? "" : text.Contains(' ') ? $" --dir \"{text}\"" : $" --dir {text}";
    }

    /// <summary>A whole number from 1 that may be left out.</summary>
    public static Option<int?> Number(string name, string description, int max) => new(name)
    {
        Description = description,
        HelpName = "number",
        CustomParser = r =>
        {
            bool TryParse(string word, out int n) => Parsers.TryNumber(word, 1, max, out n);
            return Parsers.Parse(r, TryParse, out int value, $"a whole number from 1 to {max}") ? value : null;
        },
    };

    /// <summary>Names of hosts, several of them.</summary>
    public static Option<string[]> Hosts(string description) => new("--host")
    {
        Description = description,
        HelpName = "name",
        CustomParser = r =>
        {
            var names = new List<string>();
            foreach (System.CommandLine.Parsing.Token token in r.Tokens)
            {
                if (SubjectName.TryHost(token.Value, out string name)) names.Add(name);
                else r.AddError($"--host takes a DNS name or an IP address, not '{token.Value}'");
            }

            return [.. names.Distinct()];
        },
    };

    /// <summary>The kind of a key; null when it is not given.</summary>
    public static Option<KeyAlgorithm?> Key(string description) => new("--key")
    {
        Description = description,
        HelpName = "p256|p384|rsa2048|rsa3072|rsa4096",
        CustomParser = r =>
            Parsers.Parse(r, KeyAlgorithms.TryParse, out KeyAlgorithm value, "p256, p384, rsa2048, rsa3072 or rsa4096") ? value : null,
    };

    /// <summary>Someone who names a password means to have one.</summary>
    public static string? NotEmpty(string? password) => password is { Length: 0 }
        ? throw new CommandException(ExitCode.Usage, "the password for the PFX files is empty; leave it out to have none.")
        : password;

    /// <summary>Gives a command its options and its action.</summary>
    /// <param name="command">The command.</param>
    /// <param name="declare">Declares the options, and gives back what reads them all and makes of them the work to do.</param>
    public static void Attach(Command command, Func<OptionSet, Func<ParseResult, Func<int>>> declare) =>
        OptionSet.Attach(command, declare, work => Task.FromResult(work()), hasEnvironment: false);

    /// <summary>The password options of the server and the client, here also by longer names that say what the password is for.</summary>
    public static PasswordOptions Password(OptionSet options) => new(options, alias: "--pfx");
}
