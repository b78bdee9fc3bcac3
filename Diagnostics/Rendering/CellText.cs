using Spectre.Console.Rendering;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>Text in columns of a terminal, where a character can take two of them.</summary>
internal static class CellText
{
    private const string Cut = "…";

    /// <summary>Columns that a text takes.</summary>
    public static int Width(string text) => text.All(char.IsAscii) ? text.Length : new Segment(text).CellCount();

    /// <summary>The text in exactly so many columns, to the left; cut where it is longer.</summary>
    public static string Left(string text, int width) => Fit(text, width) is var fitted ? fitted + Blank(width - Width(fitted)) : text;

    /// <summary>The text in exactly so many columns, to the right; cut where it is longer.</summary>
    public static string Right(string text, int width) => Fit(text, width) is var fitted ? Blank(width - Width(fitted)) + fitted : text;

    /// <summary>The text, cut where it is longer than so many columns.</summary>
    public static string Fit(string text, int width)
    {
        if (width <= 0) return string.Empty;
        if (Width(text) <= width) return text;
        int end = Math.Min(text.Length, width - 1);
        while (end > 0 && (Width(text[..end]) > width - 1 || char.IsHighSurrogate(text[end - 1]))) end--;
        return text[..end] + Cut;
    }

    /// <summary>A name and a number: the name is cut, and never the number.</summary>
    public static string RightWithNumber(string text, int width)
    {
        if (Width(text) <= width) return Right(text, width);
        string[] words = text.Split(' ');
        string number = words.Length > 2 && words[^1] == "%" ? string.Join(' ', words[^2..]) : string.Empty;
        int left = width - number.Length - 1;
        return number.Length == 0 || left < 2 ? Right(text, width) : Right($"{Fit(text[..^(number.Length + 1)], left)} {number}", width);
    }

    private static string Blank(int width) => new(' ', Math.Max(0, width));
}
