using System.CommandLine;
using RawEcho.CommandLine;

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
        return option;
    }

    /// <summary>Gives a command its options and its action.</summary>
    /// <param name="command">The command.</param>
    /// <param name="declare">Declares the options, and gives back what reads them all and makes of them the work to do.</param>
    public static void Attach(Command command, Func<OptionSet, Func<ParseResult, Func<int>>> declare) =>
        OptionSet.Attach(command, declare, work => Task.FromResult(work()));

    /// <summary>The password options of the server and the client, here also by longer names that say what the password is for.</summary>
    public static PasswordOptions Password(OptionSet options) => new(options, alias: "--pfx");
}
