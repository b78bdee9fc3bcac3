using RawEcho.Charts;
using RawEcho.Client.Results;

namespace RawEcho.Client.Report;

/// <summary>A comparison as a page: the figures side by side, and the runs over one another.</summary>
internal static class CompareReportPage
{
    /// <summary>The page.</summary>
    /// <param name="result">What it shows.</param>
    /// <param name="written">When it is written.</param>
    public static ReportPage Of(ComparisonResult result, DateTimeOffset written)
    {
        (string Name, IReadOnlyList<RunResult> Runs)[] groups = [.. result.Files.Select(f => (f.Label, f.Results))];
        string others = string.Join(", ", result.Files.Skip(1).Select(f => f.Label));
        return new ReportPage
        {
            Title = $"{others} against {result.Files[0].Label}",
            Lead = $"Results of {string.Join(", ", result.Files.Select(f => $"{FigureParts.Runs(f.Runs)} ({f.Label})"))}.",
            Generator = PageParts.Generator,
            Written = written,
            Sections =
            [
                PageParts.Conditions(result.Conditions),
                .. result.Changes.Select((c, i) => Table(c, result.Files[0].Label, result.Files[i + 1].Label)),
                .. OverlayCharts.Of(groups),
                new FactSection("Settings that differ", [.. Differences(result)]),
                new NoteSection("Left out or failed", [.. result.Files.SelectMany(f => f.Doubts)]),
                new FactSection("Files", [.. result.Files.Select(f => new Fact(f.Label, $"{f.File}, {FigureParts.Runs(f.Runs)}"))]),
                new NoteSection(
                    "How to read it",
                    [.. ComparisonText.Notes(result), .. OverlayCharts.Note(groups) is { } note ? [note] : (string[])[]]),
            ],
        };
    }

    private static IEnumerable<Fact> Differences(ComparisonResult result) => result.Differences.Count == 0
        ? [new Fact("all settings", "the same")]
        : result.Differences.Select(d => new Fact(d.Setting, string.Join(" | ", d.Values)));

    private static TableSection Table(FileChange change, string first, string other)
    {
        TableRow[] rows =
        [
            .. change.Figures.Select(f => new TableRow(f.Name,
            [
                FigureParts.Cell(f.Figure, f.Old?.Median),
                FigureParts.Cell(f.Figure, f.New?.Median),
                Change(f),
                Cell.Of(ComparisonText.Verdict(f)),
            ])),
        ];
        return new TableSection($"{other} against {first}: medians", [first, other, "change", "verdict"], [new TableGroup(null, rows)]);
    }

    private static Cell Change(FigureChange figure) => figure.ChangePercent is { } percent ? Cell.Of(ChangeText.Percent(percent)) : default;
}
