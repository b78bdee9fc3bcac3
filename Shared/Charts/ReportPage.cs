namespace RawEcho.Charts;

/// <summary>
/// The contents of a report: what the page shows, without its form. <c>Rendering.PageRenderer</c> turns it into HTML.
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

    /// <summary>
    /// Where a page that is served, and not opened from disk, gets its newer contents from: server-sent events, each of them
    /// <c>ToLiveUpdate</c> of a page. Null for a page that stays as it is.
    /// </summary>
    public string? LiveSource { get; init; }

    /// <summary>What the page shows, from top to bottom.</summary>
    public required IReadOnlyList<PageSection> Sections { get; init; }
}
