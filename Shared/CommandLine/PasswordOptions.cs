using System.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.CommandLine;

/// <summary>Where a password comes from: never the command line, which every user of the machine can read.</summary>
public sealed class PasswordOptions
{
    private readonly Option<string?> _variable = new("--password-env")
    {
        Description = "Environment variable that holds the password of the PFX or key",
        HelpName = "variable",
    };

    private readonly Option<string?> _file = Parsers.FileName("--password-file", "File whose first line is that password");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_variable);
        command.Options.Add(_file);
    }

    /// <summary>The file that holds the password; null when none was named.</summary>
    public string? File(ParseResult parsed) => parsed.GetValue(_file);

    /// <summary>The password; null when none was named.</summary>
    /// <exception cref="CommandException">Both were named, or the variable is not set.</exception>
    /// <exception cref="CertificateFileException">The file cannot be read.</exception>
    public string? Read(ParseResult parsed)
    {
        string? variable = parsed.GetValue(_variable);
        string? file = parsed.GetValue(_file);
        if (variable is not null && file is not null)
            throw new CommandException(ExitCode.Usage, "--password-env and --password-file: name one of the two.");
        if (variable is not null)
        {
            return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
                ? value
                : throw new CommandException(ExitCode.Usage, $"--password-env: the environment variable {variable} is not set.");
        }

        if (file is null) return null;
        string text = System.Text.Encoding.UTF8.GetString(TrustStore.ReadBytes(file));
        string firstLine = text.Split('\n')[0].TrimEnd('\r');
        return firstLine.Length > 0 ? firstLine : throw new CommandException(ExitCode.Usage, $"--password-file: the first line of {file} is empty.");
    }
}
