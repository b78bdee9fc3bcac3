using System.CommandLine;
using RawEcho.Engine.Certificates;

namespace RawEcho.CommandLine;

/// <summary>Where a password comes from: never the command line, which every user of the machine can read.</summary>
public sealed class PasswordOptions
{
    private readonly OptionReader<string?> _variable;
    private readonly OptionReader<string?> _file;

    /// <param name="options">Takes the options.</param>
    /// <param name="alias">What the names begin with that they also have; null for none.</param>
    public PasswordOptions(OptionSet options, string? alias = null)
    {
        var variable = new Option<string?>("--password-env")
        {
            Description = "Environment variable that holds the password of the PFX or key",
            HelpName = "variable",
        };
        Option<string?> file = Parsers.FileName("--password-file", "File whose first line is that password");
        if (alias is not null)
        {
            variable.Aliases.Add($"{alias}-password-env");
            file.Aliases.Add($"{alias}-password-file");
        }

        _variable = options.Add(variable);
        _file = options.Add(file);
    }

    /// <summary>What was given.</summary>
    public PasswordSource Bind(ParseResult parsed)
    {
        (bool isVariable, bool isFile) = OneOfTwo.That(parsed, _variable, _file);
        (string? variable, string? file) = (_variable.Read(parsed), _file.Read(parsed));
        return new PasswordSource(isVariable ? variable : null, isFile ? file : null);
    }
}

/// <summary>Where the password of a PFX or key is, if it has one.</summary>
/// <param name="Variable">The environment variable that holds it.</param>
/// <param name="File">The file whose first line it is.</param>
public sealed record PasswordSource(string? Variable, string? File)
{
    /// <summary>The password; null when none was named.</summary>
    /// <exception cref="CommandException">Both were named, or the variable is not set.</exception>
    /// <exception cref="CertificateFileException">The file cannot be read.</exception>
    public string? Read() => Read(f => FileContent.Read(f));

    /// <summary>The password; null when none was named.</summary>
    /// <param name="read">Reads a file.</param>
    /// <exception cref="CommandException">Both were named, or the variable is not set.</exception>
    /// <exception cref="CertificateFileException">The file cannot be read.</exception>
    internal string? Read(Func<string, FileContent> read)
    {
        if (Variable is not null && File is not null)
            throw new CommandException(ExitCode.Usage, "--password-env and --password-file: name one of the two.");
        if (Variable is not null)
        {
            return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value
                ? value
                : throw new CommandException(ExitCode.Usage, $"--password-env: the environment variable {Variable} is not set.");
        }

        if (File is null) return null;
        string firstLine = read(File).Text().Split('\n', '\r')[0];
        return firstLine.Length > 0
            ? firstLine
            : throw new CommandException(ExitCode.Usage, $"--password-file: the first line of {File} is empty.");
    }
}
