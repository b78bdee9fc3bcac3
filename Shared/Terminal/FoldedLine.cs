using System.Text.RegularExpressions;

namespace RawEcho.Terminal;

/// <summary>
/// Long lines of standard output. On a terminal they are broken between words at its width; a pipe or a file gets them whole, so that one
/// line stays one fact for grep.
/// </summary>
public static partial class FoldedLine
{
    private const char Glue = '\u00a0';

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

    /// <summary>The lines of a text, broken for a terminal: what stands behind a label stays behind it.</summary>
    /// <param name="text">
    /// Lines such as "  names       localhost, 127.0.0.1", where the label ends with two spaces. Others are indented by two.
    /// </param>
    public static string OfText(string text) => Console.IsOutputRedirected ? text : OfText(text, TerminalWidth.OfOutput);

    /// <summary>The same for a terminal of that many columns.</summary>
    /// <param name="text">The lines.</param>
    /// <param name="width">The most columns of a line, unless a word is longer.</param>
    public static string OfText(string text, int width)
    {
        ArgumentNullException.ThrowIfNull(text);
        return string.Join('\n', text.Split('\n').Select(l => string.Join('\n', BreakBehindLabel(l, width))));
    }

    private static IEnumerable<string> BreakBehindLabel(string line, int width)
    {
        if (WordWrap.Columns(line) <= width) return [line];
        string label = Label().Match(line).Value;
        int indent = WordWrap.Columns(label);
        if (indent > width / 2) label = string.Empty;
        if (label.Length == 0) indent = 2;
        string rest = BeforeValueOrUnit().Replace(line[label.Length..], $"{Glue}");
        return WordWrap.Lines(rest, width - indent)
            .Select((part, i) => (i == 0 ? label : new string(' ', indent)) + part.Replace(Glue, ' '));
    }

    [GeneratedRegex(@"^(?:\e\[[0-9;]*m)*(?: *\S+(?: \S+)* {2,}| {2,})?(?:\e\[[0-9;]*m)*")]
    private static partial Regex Label();

    // "p99 3.84 ms" stays together.
    [GeneratedRegex(@"(?<=\b(?:p[\d.]+|max)) (?=\d)|(?<=\d) (?=(?:[nµm]?s|%|[kM]?B|Mbit/s)\b)")]
    private static partial Regex BeforeValueOrUnit();
}
