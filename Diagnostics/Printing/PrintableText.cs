using System.Globalization;
using System.Text;

namespace RawEcho.Diagnostics.Printing;

/// <summary>
/// Text that other processes choose (names of programs and threads, command lines, tags), made safe for a terminal: no character can end a
/// line, steer the terminal or reverse the order of the characters.
/// </summary>
internal static class PrintableText
{
    private const char Replacement = '?';

    /// <summary>The text with every character that is not printed replaced by a question mark.</summary>
    public static string Of(string text)
    {
        if (text.All(c => c is >= ' ' and <= '~')) return text;
        var clean = new StringBuilder(text.Length);
        // A lone surrogate is enumerated as U+FFFD.
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsPrinted(rune)) clean.Append(rune.ToString());
            else clean.Append(Replacement);
        }

        return clean.ToString();
    }

    private static bool IsPrinted(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
