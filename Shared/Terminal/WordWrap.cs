using System.Text;

namespace RawEcho.Terminal;

/// <summary>Breaks text between words.</summary>
public static class WordWrap
{
    /// <summary>Lines of at most so many characters; a word that is longer has a line of its own.</summary>
    /// <param name="text">Words with single spaces between them; line ends in it stay.</param>
    /// <param name="width">The most characters of a line.</param>
    public static IEnumerable<string> Lines(string text, int width)
    {
        foreach (string paragraph in text.Split('\n'))
        {
            var line = new StringBuilder();
            foreach (string word in paragraph.Split(' '))
            {
                if (line.Length > 0 && line.Length + 1 + word.Length > width)
                {
                    yield return line.ToString();
                    line.Clear();
                }
                else if (line.Length > 0)
                {
                    line.Append(' ');
                }

                line.Append(word);
            }

            yield return line.ToString();
        }
    }
}
