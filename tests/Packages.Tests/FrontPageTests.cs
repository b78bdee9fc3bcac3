using System.Text.RegularExpressions;
using RawEcho.Packages.Tests.Support;

namespace RawEcho.Packages.Tests;

/// <summary>The code that README.md shows stands in the README of a package, and is built from there.</summary>
public sealed partial class FrontPageTests
{
    [Fact]
    public void Its_code_is_that_of_the_first_services()
    {
        string[] built = [PackagePage.Read("Engine/Core").Code!, PackagePage.Read("Engine/AspNetCore").Code!];
        MatchCollection shown = CodeBlocks().Matches(File.ReadAllText(Repository.File("README.md")).ReplaceLineEndings("\n"));
        Assert.NotEmpty(shown);
        Assert.All(shown, m => Assert.Contains(built, b => b.Contains(m.Groups["text"].Value, StringComparison.Ordinal)));
    }

    [GeneratedRegex("```csharp\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlocks();
}
