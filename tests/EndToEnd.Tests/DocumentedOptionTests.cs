using System.Text.RegularExpressions;
using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>What README and documents name, the programs have: every option, and every command.</summary>
public sealed partial class DocumentedOptionTests
{
    // Of sbatch, curl, dotnet, apt, systemctl, testssl, certutil, kubectl, and of the project's own benchmark, soak and fault proxy.
    private static readonly string[] Foreign =
    [
        "--cacert", "--data", "--http1", "--include", "--header", "--prerelease", "--global", "--now", "--no-install-recommends",
        "--severity", "--diagnostics", "--source", "--quick", "--peers",
        "--nodes", "--rounds", "--scale", "--before", "--seconds", "--arenas", "--empty-password", "--from-file", "--type", "--for",
        "--timeout",
    ];

    // Shown as mistakes, and what the program that is recorded takes.
    private static readonly string[] Examples = ["--sever", "prboe", "--its"];

    [Fact]
    public async Task Every_option_and_command_in_the_documents_exists()
    {
        Dictionary<string, ManualPage> pages = [];
        foreach (string program in (string[])[Programs.Server, Programs.Client, Programs.Diagnostics, Programs.Certs])
        {
            await using var man = new ProgramProcess(program, ["man"]);
            pages[Path.GetFileName(program)] = ManualPage.Of((await man.ExitAsync()).EndedWith(Exit.Success).Output);
        }

        HashSet<string> all = [.. pages.Values.SelectMany(p => p.Options), .. Foreign, .. Examples];
        var missing = new List<string>();
        foreach (string document in Document.All)
        {
            string text = await File.ReadAllTextAsync(Programs.InRepository(document));
            foreach (Match option in Option().Matches(text))
            {
                if (!all.Contains(option.Value)) missing.Add($"{document}: no program has {option.Value}.");
            }

            // Every other part stands between fences; in the text around them, commands are quoted.
            string[] parts = text.Replace("\\\n", " ", StringComparison.Ordinal).Split("```");
            IEnumerable<Match> commands = parts.SelectMany((p, i) => (i % 2 == 1 ? Command() : Quoted()).Matches(p));
            foreach (Match command in commands)
                missing.AddRange(pages[command.Groups["program"].Value].Missing(command).Select(m => $"{document}: {m}: {command.Value}"));
        }

        Assert.True(missing.Count == 0, string.Join('\n', missing.Distinct()));
    }

    [GeneratedRegex(@"(?<![-\w~])--[a-z][a-z0-9-]*[a-z0-9]\b")]
    private static partial Regex Option();

    // Up to what the shell takes for itself.
    [GeneratedRegex(
        @"(?<=^|\$ |[|;&(] ?|out/|native/)(?<program>rawecho-(server|client|diagnostics|certs))(?<rest>( [^|;&#\n)]+)?)",
        RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"(?<=`|`out/)(?<program>rawecho-(server|client|diagnostics|certs))(?<rest> [^`|;&#\n)]+)`")]
    private static partial Regex Quoted();

    /// <summary>What a program has, by its manual page.</summary>
    private sealed partial record ManualPage(HashSet<string> Options, HashSet<string> Commands)
    {
        public static ManualPage Of(IReadOnlyList<string> page)
        {
            string text = Font().Replace(string.Join('\n', page).Replace("\\-", "-", StringComparison.Ordinal), " ");
            IEnumerable<string> options = Option().Matches(text).Select(m => m.Value);
            return new ManualPage(
                [.. options, "--help", "--version"], [.. Section().Matches(text).Select(m => m.Groups[1].Value), "completion", "man"]);
        }

        public IEnumerable<string> Missing(Match command)
        {
            string rest = command.Groups["rest"].Value.Split(" -- ")[0];
            foreach (Match option in Option().Matches(rest))
            {
                if (!Options.Contains(option.Value) && !Examples.Contains(option.Value)) yield return $"there is no {option.Value}";
            }

            // The first word is a command, where it can be none else: not a value of an option, an address, a file, a placeholder.
            string word = FirstWord().Match(rest).Groups[1].Value;
            if (word.Length > 0 && !Commands.Contains(word) && !Examples.Contains(word)) yield return $"there is no command '{word}'";
        }

        [GeneratedRegex("^\\.SS \"?([a-z]+)\"?$", RegexOptions.Multiline)]
        private static partial Regex Section();

        [GeneratedRegex(@"\\f[BIR]")]
        private static partial Regex Font();

        [GeneratedRegex(@"^ ([a-z]+)(?= |$)")]
        private static partial Regex FirstWord();
    }
}
