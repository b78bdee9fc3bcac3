using System.Reflection;
using System.Text.RegularExpressions;

namespace RawEcho.Engine.UnitTests.Guide;

/// <summary>docs/engine.md shows code that compiles: what is in Snippets.cs, word for word.</summary>
public sealed partial class GuideTests
{
    [Fact]
    public void Every_snippet_of_the_guide_is_compiled()
    {
        Dictionary<string, string> compiled = Regions().Matches(ReadInRepository("tests/Engine.UnitTests/Guide/Snippets.cs"))
            .ToDictionary(m => m.Groups["name"].Value, m => Unindented(m.Groups["code"].Value));
        string guide = ReadInRepository("docs/engine.md");
        MatchCollection shown = Shown().Matches(guide);
        Assert.NotEmpty(shown);
        Assert.All(shown, m => Assert.Equal(compiled[m.Groups["name"].Value], m.Groups["code"].Value));
        Assert.Equal(compiled.Count, shown.Count);
        Assert.Equal(shown.Count, guide.Split("```csharp").Length - 1);
    }

    private static string ReadInRepository(string file) => File.ReadAllText(Path.Combine(
        typeof(GuideTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!, file));

    private static string Unindented(string code)
    {
        string[] lines = code.Split('\n');
        int indent = lines.Where(l => l.Trim().Length > 0).Min(l => l.Length - l.TrimStart().Length);
        return string.Join('\n', lines.Select(l => l.Length >= indent ? l[indent..] : l.Trim()));
    }

    [GeneratedRegex(@"// #region (?<name>\w+)\n(?<code>.*?)[ ]*// #endregion", RegexOptions.Singleline)]
    private static partial Regex Regions();

    [GeneratedRegex(@"<!-- snippet: (?<name>\w+) -->\n```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Shown();
}
