using System.Text.RegularExpressions;

namespace RawEcho.Packages.Tests.Support;

/// <summary>The README of a package: its program and its commands.</summary>
internal sealed partial class PackagePage
{
    private PackagePage(string text)
    {
        Code = CodeBlock().Matches(text) is [var code] ? code.Groups["text"].Value : null;
        string[] lines = Assert.Single(CommandBlock().Matches(text)).Groups["text"].Value.TrimEnd().Split('\n');
        Match install = Install().Match(lines[0]);
        Assert.True(install.Success, lines[0]);
        Tool = install.Groups["tool"].Value;
        Commands = lines[1..];
    }

    /// <summary>The one block of C#; null where there is none.</summary>
    public string? Code { get; }

    /// <summary>The tool that its first command installs.</summary>
    public string Tool { get; }

    /// <summary>The other commands.</summary>
    public IReadOnlyList<string> Commands { get; }

    /// <param name="folder">The folder of the package's project.</param>
    public static PackagePage Read(string folder) => new(File.ReadAllText(Repository.File($"{folder}/README.md")).ReplaceLineEndings("\n"));

    [GeneratedRegex("```csharp\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("```\n(?<text>dotnet tool .*?)```", RegexOptions.Singleline)]
    private static partial Regex CommandBlock();

    [GeneratedRegex("^dotnet tool install --global (?<tool>[a-z-]+) --prerelease$")]
    private static partial Regex Install();
}
