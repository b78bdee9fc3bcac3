using RawEcho.Charts;
using RawEcho.Client.Results;

namespace RawEcho.Client.Report;

/// <summary>Several runs of one load (--repeat) as a page.</summary>
internal static class RepeatReportPage
{
    private const string Thinned = "The charts show the slowest run, the one in the middle and the fastest.";

    /// <summary>The page.</summary>
    /// <param name="result">What it shows.</param>
    /// <param name="written">When it is written.</param>
    public static ReportPage Of(RepeatResult result, DateTimeOffset written)
    {
        (string Name, IReadOnlyList<RunResult> Runs)[] groups = [.. Shown(result.Runs)];
        RunResult? first = result.Runs.Count > 0 ? result.Runs[0] : null;
        return new ReportPage
        {
            Title = $"Load on {string.Join(", ", first?.Settings.Servers.Select(s => s.Name) ?? [])}",
            Lead = $"{PageParts.Start(result.StartedAt, result.Interrupted)}: {FigureParts.Runs(result.Complete)} of {result.Asked}.",
            Generator = PageParts.Generator,
            Written = written,
            Sections =
            [
                PageParts.Conditions(result.Conditions),
                Figures(result),
                .. first is null ? [] : OverlayCharts.Of(groups),
                PageParts.ErrorNotes(result.Errors),
                new FactSection("Settings of the first run", [.. first is null ? [] : RunSettingFacts.Of(first)]),
                new NoteSection("How to read it",
                [
                    "The runs were made one after the other, with connections of their own. The median is the value in the middle.",
                    .. groups.Length < result.Runs.Count ? [Thinned] : (string[])[],
                ]),
            ],
        };
    }

    private static IEnumerable<(string Name, IReadOnlyList<RunResult> Runs)> Shown(IReadOnlyList<RunResult> runs)
    {
        (string Name, RunResult Run)[] all = [.. runs.Select((r, i) => (FormattableString.Invariant($"run {i + 1}"), r))];
        if (all.Length > OverlayCharts.MostLines)
        {
            (string Name, RunResult Run)[] ordered = [.. all.OrderBy(r => OverlayCharts.Throughput(r.Run))];
            all = [ordered[0], ordered[ordered.Length / 2], ordered[^1]];
        }

        return all.Select(r => (r.Name, (IReadOnlyList<RunResult>)[r.Run]));
    }

    private static TableSection Figures(RepeatResult result)
    {
        TableRow Row(FigureResult figure)
        {
            Figure of = Figure.Find(figure.Name)!;
            double[] values = [figure.Sample.Median, figure.Sample.Min, figure.Sample.Max];
            return new TableRow(figure.Name, [.. values.Select(v => FigureParts.Cell(of, v))]);
        }

        return new TableSection("Figures", ["median", "min", "max"], [new TableGroup(null, [.. result.Figures.Select(Row)])]);
    }
}
