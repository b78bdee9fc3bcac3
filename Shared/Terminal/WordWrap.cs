using System.Text;
using System.Text.RegularExpressions;

namespace RawEcho.Terminal;

/// <summary>Breaks text between words.</summary>
public static partial class WordWrap
{
    /// <summary>Lines of at most so many characters; a word that is longer has a line of its own.</summary>
    /// <param name="text">Words with single spaces between them; line ends in it stay. Colours take no room.</param>
    /// <param name="width">The most characters of a line.</param>
    public static IEnumerable<string> Lines(string text, int width)
    {
        foreach (string paragraph in text.Split('\n'))
        {
            var line = new StringBuilder();
            int columns = 0;
            foreach (string word in paragraph.Split(' '))
            {
                int wide = Columns(word);
                if (line.Length > 0 && columns + 1 + wide > width)
                {
                    yield return line.ToString();
                    line.Clear();
                    columns = 0;
                }
                else if (line.Length > 0)
                {
                    line.Append(' ');
                    columns++;
                }

                line.Append(word);
                columns += wide;
            }

            yield return line.ToString();
        }
    }

    /// <summary>How many columns a terminal needs for a text without its colours (SGR, ECMA-48 8.3.117).</summary>
    /// <param name="text">The text.</param>
    public static int Columns(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains('\e', StringComparison.Ordinal) ? Colours().Replace(text, string.Empty).Length : text.Length;
    }

    [GeneratedRegex(@"\e\[[0-9;]*m")]
    private static partial Regex Colours();
}
