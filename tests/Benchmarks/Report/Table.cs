using System.Globalization;
using RawEcho.Benchmarks.Work;

namespace RawEcho.Benchmarks.Report;

/// <summary>The cells of a work item's table, for the console and for Markdown alike.</summary>
internal static class Table
{
    /// <summary>A heading and a line for each subject: medians, and behind those that have one, the ratio to the first line.</summary>
    public static List<string[]> Medians(WorkResult result)
    {
        IReadOnlyList<Figure> figures = result.Figures;
        List<string[]> lines = [["", .. figures.SelectMany(f => f.HasRatio ? new[] { f.Title, "ratio" } : [f.Title])]];
        foreach (ResultRow row in result.Rows.Where(r => r.Values.Count > 0))
            lines.Add([row.Title, .. figures.SelectMany(f => Cells(result, row, f))]);
        return lines;
    }

    /// <summary>The same with the smallest and the largest value of each figure that has a ratio.</summary>
    public static List<string[]> Spreads(WorkResult result)
    {
        Figure[] figures = [.. result.Figures.Where(f => f.HasRatio)];
        List<string[]> lines = [["min - max", .. figures.Select(f => f.Title)]];
        foreach (ResultRow row in result.Rows.Where(r => r.Values.Count > 0))
        {
            lines.Add([row.Title, .. figures.Select(f => row.Spread(f) is { } s ? $"{Number(f, s.Min)} - {Number(f, s.Max)}" : "")]);
        }

        return lines;
    }

    private static IEnumerable<string> Cells(WorkResult result, ResultRow row, Figure figure)
    {
        yield return row.Spread(figure) is { } spread ? Number(figure, spread.Median) : "";
        if (figure.HasRatio)
            yield return result.Ratio(row, figure) is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "";
    }

    private static string Number(Figure figure, double value) => value.ToString(figure.Format, CultureInfo.InvariantCulture);
}
