using System.Globalization;
using System.Text;

namespace RawEcho.Certs;

/// <summary>How things are put for a person to read.</summary>
internal static class Text
{
    /// <summary>
    /// Names come out of files that others wrote: what could steer a terminal or reorder the line (controls, direction marks,
    /// line separators) is replaced.
    /// </summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool harmful = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            clean.Append(harmful ? "?" : rune.ToString());
        }

        return clean.ToString();
    }

    /// <summary>A day of the calendar in UTC.</summary>
    public static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>A moment in UTC.</summary>
    public static string Utc(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>1 day, 2 days.</summary>
    public static string Days(int count) => count == 1 ? "1 day" : $"{count} days";

    /// <summary>Whole days until a certificate ends; negative when it is over.</summary>
    public static int DaysLeft(DateTime notAfter) => (int)Math.Floor((notAfter.ToUniversalTime() - DateTime.UtcNow).TotalDays);
}
