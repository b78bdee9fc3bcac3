using System.CommandLine;

namespace RawEcho.Commands;

/// <summary>PROGRAM man: the program's manual page on standard output, for whoever packs it. --help does not name the command.</summary>
internal static class ManCommand
{
    /// <summary>Adds the command to a program.</summary>
    /// <param name="root">The program's commands, all of them.</param>
    /// <param name="program">What runs them.</param>
    public static void AddTo(RootCommand root, CommandProgram program)
    {
        var command = new Command("man", "Writes the program's manual page") { Hidden = true };
        command.SetAction(parsed =>
            parsed.InvocationConfiguration.Output.Write(new ManPage(program.Name).Of(root, program.ExitCodes, program.Variables)));
        root.Subcommands.Add(command);
    }
}
