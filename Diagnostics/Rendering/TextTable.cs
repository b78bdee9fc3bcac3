namespace RawEcho.Diagnostics.Rendering;

/// <summary>
/// Words in columns, for a pipe or a file: no frame and no colour, the first columns to the left and the others to the right.
/// </summary>
internal static class TextTable
{
    private const string Gap = "  ";

    /// <param name="output">Where the table is written.</param>
    /// <param name="lines">All of one length; a shorter one is printed as it is, for a title.</param>
    /// <param name="leftColumns">How many columns, from the first on, are set to the left.</param>
    /// <param name="leftAtEnd">How many of the last columns are set to the left too.</param>
    public static void Write(
        TextWriter output, IReadOnlyList<string[]> lines, int leftColumns, int leftAtEnd = 0)
    {
        int columns = lines.Max(l => l.Length);
        string[][] whole = [.. lines.Where(l => l.Length == columns)];
        int[] widths = [.. Enumerable.Range(0, columns).Select(c => whole.Select(l => l[c].Length).DefaultIfEmpty(0).Max())];
        foreach (string[] line in lines)
        {
            IEnumerable<string> padded = line.Length == columns
                ? line.Select((word, c) => IsLeft(c) ? word.PadRight(widths[c]) : word.PadLeft(widths[c]))
                : line;
            output.WriteLine(string.Join(Gap, padded).TrimEnd());
        }

        bool IsLeft(int column) => column < leftColumns || column >= columns - leftAtEnd;
    }
}
