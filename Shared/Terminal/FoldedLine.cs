namespace RawEcho.Terminal;

/// <summary>
/// Long lines of standard output. On a terminal they are broken between words at its width; a pipe or a file gets them whole, so that one
/// line stays one fact for grep.
/// </summary>
public static class FoldedLine
{
    /// <summary>Writes a line to standard output, or to what stands for it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="line">The line. A word that is longer than the terminal, such as a path, is not broken.</param>
    /// <param name="indent">Columns that the rest of a broken line is indented by.</param>
    public static void Write(TextWriter output, string line, int indent)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(line);
        IEnumerable<string> lines = Console.IsOutputRedirected ? [line] : Break(line, indent, TerminalWidth.OfOutput);
        foreach (string part in lines) output.WriteLine(part);
    }

    /// <summary>Breaks a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="indent">Columns that all parts but the first are indented by; the first keeps what stands there.</param>
    /// <param name="width">The most columns of a part.</param>
    public static IEnumerable<string> Break(string line, int indent, int width)
    {
        ArgumentNullException.ThrowIfNull(line);
        // A column that takes half of the terminal leaves no room for words behind it.
        if (indent > width / 2) indent = width / 4;
        if (line.Length <= width || line.Length <= indent) return [line];
        return WordWrap.Lines(line[indent..], width - indent)
            .Select((part, i) => (i == 0 ? line[..indent] : new string(' ', indent)) + part);
    }
}
