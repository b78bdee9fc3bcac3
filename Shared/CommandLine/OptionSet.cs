using System.CommandLine;
using RawEcho.Commands;

namespace RawEcho.CommandLine;

/// <summary>
/// The options and arguments of one command. Declaring one adds it to the command and gives back the only way to read it; binding reads
/// them all, or the command does not run. So none can stand in --help without an effect, and none can have one without standing there.
/// </summary>
public sealed class OptionSet
{
    private readonly Command _command;
    private readonly List<Symbol> _declared = [];
    private readonly HashSet<Symbol> _unread = [];

    private readonly bool _hasEnvironment;

    private OptionSet(Command command, bool hasEnvironment) => (_command, _hasEnvironment) = (command, hasEnvironment);

    /// <summary>All that was declared, in its order.</summary>
    public IReadOnlyCollection<Symbol> Declared => _declared;

    /// <summary>Gives a command its options and its action.</summary>
    /// <param name="command">The command.</param>
    /// <param name="declare">Declares the options, and gives back what makes settings of those that were given.</param>
    /// <param name="run">Carries the command out; gives back the exit code.</param>
    /// <param name="hasEnvironment">The options have defaults in the environment (<see cref="EnvironmentDefault"/>).</param>
    public static void Attach<TSettings>(
        Command command, Func<OptionSet, Func<ParseResult, TSettings>> declare, Func<TSettings, Task<int>> run, bool hasEnvironment = true)
        where TSettings : notnull
    {
        var options = new OptionSet(command, hasEnvironment);
        command.Action = new BoundAction<TSettings>(options, declare(options), run);
    }

    /// <summary>Adds an option, behind those that were added before.</summary>
    public OptionReader<T> Add<T>(Option<T> option)
    {
        if (_hasEnvironment) EnvironmentDefault.Attach(option);
        _command.Options.Add(option);
        return Reader(option, parsed => parsed.GetValue(option));
    }

    /// <summary>Adds an argument, behind those that were added before.</summary>
    public OptionReader<T> Add<T>(Argument<T> argument)
    {
        _command.Arguments.Add(argument);
        return Reader(argument, parsed => parsed.GetValue(argument));
    }

    /// <summary>Adds a check of several options together; an error is said as one of the command line.</summary>
    public void Check(Action<System.CommandLine.Parsing.CommandResult> check) => _command.Validators.Add(check);

    /// <summary>Ends the binding of a command.</summary>
    /// <exception cref="InvalidOperationException">An option was declared and has not been read.</exception>
    internal void EnsureRead()
    {
        if (_unread.Count == 0) return;
        throw new InvalidOperationException($"{string.Join(", ", _unread.Select(s => s.Name))}: declared, and not read.");
    }

    private OptionReader<T> Reader<T>(Symbol symbol, Func<ParseResult, T?> getValue)
    {
        _declared.Add(symbol);
        _unread.Add(symbol);
        return new OptionReader<T>(symbol, parsed =>
        {
            _unread.Remove(symbol);
            return getValue(parsed)!;
        });
    }
}
