using System.Globalization;
using System.Text;

namespace RawEcho.Engine.Tls;

/// <summary>A peer's own text in a log line.</summary>
internal static class PeerText
{
    private const int Longest = 200;

    /// <summary>
    /// In quotes, without what could steer a terminal, forge a line or reorder it (controls, direction marks, line separators),
    /// and not longer than a line should be.
    /// </summary>
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

            bool harmful = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            clean.Append(harmful ? "?" : rune.ToString());
        }

        return clean.Append('"').ToString();
    }

    public static string Utc(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
