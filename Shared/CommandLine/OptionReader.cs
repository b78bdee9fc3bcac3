using System.CommandLine;
using System.CommandLine.Parsing;
using RawEcho.Commands;

namespace RawEcho.CommandLine;

/// <summary>Reads one option or argument of an <see cref="OptionSet"/>.</summary>
/// <typeparam name="T">What it is; of a reference type null when it was not given and has no default.</typeparam>
public sealed class OptionReader<T>
{
    private readonly Symbol _symbol;
    private readonly Func<ParseResult, T> _read;

    internal OptionReader(Symbol symbol, Func<ParseResult, T> read) => (_symbol, _read) = (symbol, read);

    /// <summary>What was given, or the default.</summary>
    public T Read(ParseResult parsed) => _read(parsed);

    /// <summary>True when it stands on the command line, or has a default in the environment.</summary>
    public bool IsSet(CommandResult command) => IsGiven(command) || (_symbol is Option option && EnvironmentDefault.IsSet(option));

    /// <summary>True when it stands on the command line.</summary>
    public bool IsGiven(CommandResult command) => _symbol switch
    {
        Option option => command.GetResult(option) is { Implicit: false },
        Argument argument => command.GetResult(argument) is { Tokens.Count: > 0 },
        _ => false,
    };
}
