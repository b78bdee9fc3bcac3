using System.Text;
using RawEcho.Charts.Rendering;

namespace RawEcho.Charts;

/// <summary>
/// A report as one HTML file that opens from disk: no network, no other file. It is static; a short script adds values under
/// the pointer. All text is escaped, and a Content-Security-Policy lets nothing run or load but what this library wrote.
/// </summary>
public sealed record ReportPage
{
    /// <summary>The heading, and the title of the browser's tab.</summary>
    public required string Title { get; init; }

    /// <summary>One sentence below the heading: what was measured, where and when.</summary>
    public required string Lead { get; init; }

    /// <summary>Who wrote it: program and version, for the last line.</summary>
    public required string Generator { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset Written { get; init; }

    /// <summary>What the page shows, from top to bottom.</summary>
    public required IReadOnlyList<PageSection> Sections { get; init; }

    /// <summary>The page as HTML.</summary>
    public string ToHtml() => PageRenderer.Render(this);

    /// <summary>Writes the page as UTF-8, over what is there.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Save(string path) => File.WriteAllText(path, ToHtml(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
}
