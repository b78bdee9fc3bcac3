using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>Makes a table of processes fit a terminal. Numbers are never cut: long words are broken at a comma, or cut.</summary>
internal static class NarrowTable
{
    private const string Gap = "  ";
    private const int LongestTitle = 30;
    private const int NarrowestCell = 14;

    /// <summary>Writes a table: as wide as it is, or, where standard output is a terminal, so that it fits.</summary>
    /// <param name="output">Standard output, or what stands for it.</param>
    /// <param name="lines">As <see cref="Fit"/> takes them.</param>
    public static void Write(TextWriter output, List<string[]> lines) =>
        TextTable.Write(output, Console.IsOutputRedirected ? lines : Fit(lines, TerminalWidth.OfOutput), leftColumns: 2);

    /// <summary>Makes it fit.</summary>
    /// <param name="lines">Group, title and a cell for each process, and perhaps a ratio; a shorter line is a title of its own.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <returns>The lines as they are, if they fit.</returns>
    public static List<string[]> Fit(List<string[]> lines, int width)
    {
        int columns = lines.Max(l => l.Length);
        int[] widths = [.. Enumerable.Range(0, columns).Select(c => lines.Max(l => c < l.Length ? CellText.Width(l[c]) : 0))];
        if (widths.Sum() + (Gap.Length * (columns - 1)) <= width) return lines;
        // Ratios are shorter than any cell, so the room for cells is what these and the titles leave.
        int title = Math.Min(widths[1], LongestTitle);
        bool hasRatio = columns > 3 && lines[0][^1] == "ratio";
        int cells = columns - 2 - (hasRatio ? 1 : 0);
        int room = width - widths[0] - title - (Gap.Length * (columns - 1)) - (hasRatio ? widths[^1] : 0);
        int cell = Math.Max(NarrowestCell, room / cells);
        return [.. lines.SelectMany(l => Rows(l, title, cell, cells))];
    }

    private static IEnumerable<string[]> Rows(string[] line, int title, int cell, int cells)
    {
        string[][] parts = [.. line.Skip(2).Take(cells).Select(c => Parts(c, cell))];
        int rows = Math.Max(1, parts.Max(p => p.Length));
        for (int row = 0; row < rows; row++)
        {
            bool isFirst = row == 0;
            yield return
            [
                isFirst ? line[0] : string.Empty, isFirst ? CellText.Fit(line[1], title) : string.Empty,
                .. parts.Select(p => row < p.Length ? CellText.RightWithNumber(p[row], cell).Trim() : string.Empty),
                .. line.Skip(2 + cells).Select(c => isFirst ? c : string.Empty),
            ];
        }
    }

    private static string[] Parts(string text, int width) =>
        CellText.Width(text) > width && text.Contains(", ", StringComparison.Ordinal) ? text.Split(", ") : [text];
}
