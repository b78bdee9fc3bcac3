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

    /// <summary>The password options of the server and the client, here also by longer names that say what the password is for.</summary>
    public static PasswordOptions Password(Command command)
    {
        var password = new PasswordOptions();
        password.AddTo(command);
        foreach (Option option in command.Options.Where(o => o.Name.StartsWith("--password-", StringComparison.Ordinal)))
            option.Aliases.Add(option.Name.Replace("--", "--pfx-", StringComparison.Ordinal));
        return password;
    }
}
