using System.CommandLine;
using RawEcho.CommandLine;

namespace RawEcho.Certs;

/// <summary>Options that the commands share.</summary>
internal static class Options
{
    public const string DefaultDirectory = "certs/dev";

    /// <summary>A path; an empty word is refused here, where it can still be named.</summary>
    public static Option<string> Path(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = r => Parsers.Parse(r, TryPath, out string value, $"a {helpName}") ? value : "",
    };

    /// <summary>Takes a word if it can be a path.</summary>
    public static bool TryPath(string word, out string path)
    {
        path = word;
        return !string.IsNullOrWhiteSpace(word);
    }

    /// <summary>The directory of a set.</summary>
    public static Option<string> Directory(string description)
    {
        Option<string> option = Path("--dir", "directory", description);
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
