using System.CommandLine;
using System.CommandLine.Invocation;

namespace RawEcho.CommandLine;

/// <summary>What a command does whose options are an <see cref="OptionSet"/>: binds all of them, then runs.</summary>
public abstract class BoundAction : AsynchronousCommandLineAction
{
    /// <summary>Makes settings of a command line.</summary>
    /// <exception cref="CommandException">The options contradict each other or lack something.</exception>
    /// <exception cref="InvalidOperationException">An option was declared and is not read.</exception>
    public abstract object Bind(ParseResult parsed);

    /// <summary>The options and arguments that it reads.</summary>
    public abstract IReadOnlyCollection<Symbol> Declared { get; }
}

/// <inheritdoc/>
internal sealed class BoundAction<TSettings>(
    OptionSet options, Func<ParseResult, TSettings> bind, Func<TSettings, Task<int>> run)
    : BoundAction
    where TSettings : notnull
{
    public override IReadOnlyCollection<Symbol> Declared => options.Declared;

    public override object Bind(ParseResult parsed) => BindSettings(parsed);

    public override Task<int> InvokeAsync(ParseResult parseResult, CancellationToken cancellationToken = default) =>
        run(BindSettings(parseResult));

    private TSettings BindSettings(ParseResult parsed)
    {
        TSettings settings = bind(parsed);
        options.EnsureRead();
        return settings;
    }
}
