using System.CommandLine;
using System.Globalization;

namespace RawEcho.Completion;

/// <summary>
/// PROGRAM completion SHELL: a script that lets a shell complete the program's command line. The script asks the program itself, by
/// the [suggest] directive of System.CommandLine, so it never gets out of date; only which options take files is written into it.
/// </summary>
public static class CompletionCommand
{
    private static readonly Dictionary<string, Func<CompletionScript, string>> Shells = new(StringComparer.Ordinal)
    {
        ["bash"] = s => s.Bash(),
        ["zsh"] = s => s.Zsh(),
        ["fish"] = s => s.Fish(),
        ["powershell"] = s => s.PowerShell(),
    };

    /// <summary>Adds the command to a program, and completions for the options whose values are a choice.</summary>
    /// <param name="root">The program's commands, all of them.</param>
    /// <param name="program">The program's name, as it is typed.</param>
    public static void AddTo(RootCommand root, string program)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or powershell", HelpName = "shell" };
        shell.CompletionSources.Add([.. Shells.Keys]);
        shell.Validators.Add(r =>
        {
            string word = r.Tokens.Count == 0 ? string.Empty : r.Tokens[0].Value;
            if (!Shells.ContainsKey(word)) r.AddError($"completion takes bash, zsh, fish or powershell, not '{word}'");
        });
        var command = new Command("completion", $"Writes a script for shell completion: source <({program} completion bash)") { shell };
        command.SetAction(parsed =>
        {
            string script = Shells[parsed.GetRequiredValue(shell)](CompletionScript.For(root, program));
            parsed.InvocationConfiguration.Output.Write(script);
        });
        AddChoices(root);
        root.Subcommands.Add(command);
    }

    /// <summary>True when a command line asks for completions and is not complete itself: [suggest:POSITION] LINE.</summary>
    /// <remarks>A [suggest:x] without a number makes System.CommandLine throw: that is no question.</remarks>
    public static bool IsAsked(IReadOnlyList<string> args) =>
        args is [var word, ..] && word.StartsWith("[suggest:", StringComparison.Ordinal) && word.EndsWith(']')
        && ushort.TryParse(word.AsSpan(9, word.Length - 10), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    // An option that --help shows as --tls <mutual|server|none> takes one of these words.
    private static void AddChoices(Command command)
    {
        foreach (Option option in command.Options)
        {
            if (option.HelpName?.Split('|') is { Length: > 1 } choices && option.CompletionSources.Count == 0)
                option.CompletionSources.Add(choices);
        }

        foreach (Command sub in command.Subcommands) AddChoices(sub);
    }
}
