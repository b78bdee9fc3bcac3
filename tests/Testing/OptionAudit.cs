using System.CommandLine;
using RawEcho.CommandLine;

namespace RawEcho.Testing;

/// <summary>Looks for options that stand in --help and have no effect.</summary>
public static class OptionAudit
{
    /// <summary>Binds every command of a program, which fails where an option is declared and not read.</summary>
    /// <param name="root">The program's commands, as they are before help and completion are added.</param>
    /// <param name="arguments">What a command needs on its command line, by the command's name.</param>
    /// <returns>The commands that were bound, by name, and the options that bypassed the <see cref="OptionSet"/>.</returns>
    public static (IReadOnlyList<string> Bound, IReadOnlyList<string> Bypassed) BindAll(Command root, Func<string, string[]> arguments)
    {
        List<string> bound = [], bypassed = [];
        foreach (Command command in Below(root).Where(c => c.Action is not null))
        {
            var action = (BoundAction)command.Action!;
            string[] path = command == root ? [] : [command.Name];
            ParseResult parsed = root.Parse([.. path, .. arguments(command.Name)]);
            if (parsed.Errors.Count > 0) throw new InvalidOperationException($"{command.Name}: {parsed.Errors[0].Message}");
            action.Bind(parsed);
            bound.Add(command.Name);
            bypassed.AddRange(command.Options
                .Where(o => o.Action is null && !action.Declared.Contains(o))
                .Select(o => $"{command.Name} {o.Name}"));
        }

        return (bound, bypassed);
    }

    private static IEnumerable<Command> Below(Command command) => command.Subcommands.SelectMany(Below).Prepend(command);
}
