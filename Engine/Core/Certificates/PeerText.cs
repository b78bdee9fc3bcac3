using System.Globalization;
using System.Text;
using CommunityToolkit.HighPerformance.Buffers;

namespace RawEcho.Engine.Certificates;

/// <summary>A peer's own text where people read it: in a log line, on a terminal.</summary>
public static class PeerText
{
    private const int Longest = 200, LongestList = 400;

    /// <summary>
    /// The text with a question mark for whatever could steer a terminal, forge a line or reorder it: controls, direction marks,
    /// line separators.
    /// </summary>
    public static string Clean(string text)
    {
        // What is harmless keeps its length, and what is not becomes one character.
        using SpanOwner<char> clean = SpanOwner<char>.Allocate(text.Length);
        int length = 0;
        foreach (Rune rune in text.EnumerateRunes()) length += Harmless(rune).EncodeToUtf16(clean.Span[length..]);
        return clean.Span[..length].SequenceEqual(text) ? text : clean.Span[..length].ToString();
    }

    /// <summary><see cref="Clean"/>, in quotes and not longer than a line should be.</summary>
    public static string Quote(string text)
    {
        var clean = new StringBuilder(Math.Min(text.Length, Longest) + 2).Append('"');
        Span<char> encoded = stackalloc char[2];
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (clean.Length > Longest)
            {
                clean.Append("...");
                break;
            }

            clean.Append(encoded[..Harmless(rune).EncodeToUtf16(encoded)]);
        }

        return clean.Append('"').ToString();
    }

    /// <summary>
    /// Several texts in one line, each of them <see cref="Clean"/>: as many as a reader takes in, and how many more there are.
    /// </summary>
    public static string List(IReadOnlyCollection<string> texts, string separator = ", ")
    {
        ArgumentNullException.ThrowIfNull(texts);
        var line = new StringBuilder();
        int shown = 0;
        foreach (string text in texts)
        {
            string next = Quote(text)[1..^1];
            if (shown > 0 && line.Length + separator.Length + next.Length > LongestList) break;
            line.Append(shown++ > 0 ? separator : "").Append(next);
        }

        if (shown < texts.Count) line.Append(CultureInfo.InvariantCulture, $" and {texts.Count - shown} more");
        return line.ToString();
    }

    internal static string Utc(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static Rune Harmless(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        ? new Rune('?')
        : rune;
}
