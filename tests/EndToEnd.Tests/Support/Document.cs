using System.Text.RegularExpressions;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests.Support;

/// <summary>Pages of the documentation: their blocks, each with the marks above it. A mark is a comment, which no reader sees.</summary>
internal static partial class Document
{
    /// <summary>README, the pages in docs, and the README of each package.</summary>
    public static IEnumerable<string> All =>
    [
        "README.md",
        .. new[] { "docs", "certs", "Server", "Client", "Diagnostics", "Engine/Core", "Engine/AspNetCore", "deploy" }
            .SelectMany(f => Directory.EnumerateFiles(Programs.InRepository(f), "*.md"))
            .Select(f => Path.GetRelativePath(Programs.InRepository("."), f)),
    ];

    public static IEnumerable<DocumentBlock> BlocksOf(string text) =>
        from block in Blocks().Matches(text)
        select new DocumentBlock(block.Groups["text"].Value, [.. block.Groups["mark"].Captures.Select(c => MarkOf(c.Value))]);

    private static (string Key, string Value) MarkOf(string mark) =>
        mark.IndexOf(": ", StringComparison.Ordinal) is var colon and > 0 ? (mark[..colon], mark[(colon + 2)..]) : (mark, string.Empty);

    // Blocks of program code name their language, and are compiled by other tests.
    [GeneratedRegex("^(?:<!-- (?<mark>(?:(?!-->).)*) -->\n)*```\n(?<text>.*?)\n```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Blocks();
}

/// <summary>A block without a language: a session ("$ command" and what it prints), commands alone, or something shown.</summary>
/// <param name="Text">What stands in it.</param>
/// <param name="Marks">What DocumentRun is to do with it.</param>
internal sealed partial record DocumentBlock(string Text, IReadOnlyList<(string Key, string Value)> Marks)
{
    private static readonly string[] Known =
    [
        "server", "meanwhile", "log", "stopped", "first", "with", "as", "where", "interrupted", "run", "run by", "synopsis",
    ];

    /// <summary>Marks that mean nothing: typing errors.</summary>
    public IEnumerable<string> UnknownMarks => Marks.Select(m => m.Key).Where(k => !Known.Contains(k));

    public bool IsSession => Text.StartsWith("$ ", StringComparison.Ordinal);

    public bool HasCommand => Command().IsMatch(Text);

    public bool Is(string key) => Marks.Any(m => m.Key == key);

    public IEnumerable<string> ValuesOf(string key) => Marks.Where(m => m.Key == key).Select(m => m.Value);

    [GeneratedRegex(
        @"^(\$|(\w+=\S+ )?(out/)?rawecho-\w+|\./build\.sh|dotnet|apt|openssl|curl|python3|go|systemctl|certutil|echo) (?=\S)",
        RegexOptions.Multiline)]
    private static partial Regex Command();
}
