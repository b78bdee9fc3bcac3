using System.Globalization;
using System.Text;

namespace RawEcho.Engine.Certificates;

/// <summary>A peer's own text where people read it: in a log line, on a terminal.</summary>
public static class PeerText
{
    private const int Longest = 200;

    /// <summary>
    /// The text with a question mark for whatever could steer a terminal, forge a line or reorder it: controls, direction marks,
    /// line separators.
    /// </summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) clean.Append(Harmless(rune));
        return clean.ToString();
    }

    /// <summary><see cref="Clean"/>, in quotes and not longer than a line should be.</summary>
    public static string Quote(string text)
    {
        var clean = new StringBuilder(Math.Min(text.Length, Longest) + 2).Append('"');
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (clean.Length > Longest)
            {
                clean.Append("...");
                break;
            }

            clean.Append(Harmless(rune));
        }

        return clean.Append('"').ToString();
    }

    internal static string Utc(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Harmless(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        ? "?"
        : rune.ToString();
}
