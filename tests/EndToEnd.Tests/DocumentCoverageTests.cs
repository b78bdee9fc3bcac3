using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>No document and no command in one is forgotten by the tests that run them.</summary>
public sealed class DocumentCoverageTests
{
    private static readonly Dictionary<string, string> TestSources = Directory
        .EnumerateFiles(Programs.InRepository("tests"), "*Tests.cs", SearchOption.AllDirectories)
        .GroupBy(f => Path.GetFileNameWithoutExtension(f))
        .ToDictionary(g => g.Key, g => string.Concat(g.Select(File.ReadAllText)));

    private static readonly HashSet<string> HasClass =
    [
        .. typeof(DocumentTests).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(DocumentTests)))
            .Select(t => ((DocumentTests)Activator.CreateInstance(t)!).Path),
    ];

    // Documents with a test of another kind. The pages of packages have no marks: a comment in HTML would be text where they are shown.
    private static readonly Dictionary<string, string> Elsewhere = new()
    {
        ["docs/http.md"] = "HttpDocumentTests",
        ["Engine/Core/README.md"] = "FirstServiceTests",
        ["Engine/AspNetCore/README.md"] = "FirstWebServiceTests",
        ["certs/README.md"] = "ToolPageTests",
        ["Server/README.md"] = "ToolPageTests",
        ["Client/README.md"] = "ToolPageTests",
        ["Diagnostics/README.md"] = "ToolPageTests",
    };

    [Fact]
    public void Every_block_with_a_command_is_run_by_a_test()
    {
        string[] forgotten =
        [
            .. from document in Document.All
               from block in Document.BlocksOf(File.ReadAllText(Programs.InRepository(document)))
               from problem in ProblemsOf(document, block)
               select $"{document}: {problem}",
        ];
        Assert.True(forgotten.Length == 0, string.Join("\n\n", forgotten));
    }

    private static IEnumerable<string> ProblemsOf(string document, DocumentBlock block)
    {
        bool isHere = HasClass.Contains(document);
        IEnumerable<string> unknown = block.ValuesOf("run by").SelectMany(v => v.Split(", ")).Where(t => !Exists(t));
        foreach (string test in unknown) yield return $"there is no test {test}.";
        foreach (string mark in isHere ? block.UnknownMarks : []) yield return $"no test knows the mark '{mark}'.";
        bool isRun = isHere ? IsRun(block) : Elsewhere.TryGetValue(document, out string? other) && Exists(other);
        if (block.HasCommand && !isRun) yield return $"no test runs this block:\n{block.Text}";
    }

    private static bool IsRun(DocumentBlock block) =>
        block.IsSession || block.Is("run") || block.Is("server") || block.Is("run by") || block.Is("synopsis");

    // A class, or one of its methods: CLASS.METHOD; or what CI runs.
    private static bool Exists(string test)
    {
        if (test == ".ci/run") return File.Exists(Programs.InRepository(test));
        string[] name = test.Split('.');
        return TestSources.TryGetValue(name[0], out string? source)
            && (name.Length == 1 || source.Contains($" {name[1]}(", StringComparison.Ordinal));
    }
}
