namespace RawEcho.Commands;

/// <summary>Times as all programs take them on their command lines: 500ms, 1.5s, 1m30s, 2h.</summary>
public static class TimeText
{
    private const decimal NanosecondsPerSecond = 1e9m;

    // The largest first, which is the order in which they stand in a time of several parts. Three ways to write a microsecond: ASCII, the
    // micro sign and the Greek letter.
    private static readonly (string Name, decimal Nanoseconds)[] Units =
    [
        ("h", 3600 * NanosecondsPerSecond), ("m", 60 * NanosecondsPerSecond), ("s", NanosecondsPerSecond),
        ("ms", 1e6m), ("us", 1e3m), ("\u00b5s", 1e3m), ("\u03bcs", 1e3m), ("ns", 1),
    ];

    /// <summary>Parses a time with its units: 870ns, 4.5ms, 1m30s. The last part alone may have decimals.</summary>
    /// <param name="text">Numbers, each with its unit, the largest unit first.</param>
    /// <param name="nanoseconds">The time.</param>
    public static bool TryParse(string text, out decimal nanoseconds)
    {
        nanoseconds = 0;
        decimal previous = decimal.MaxValue;
        for (int at = 0; at < text.Length || at == 0;)
        {
            int unit = at + IndexOfUnit(text.AsSpan(at)), end = unit + LengthOfUnit(text.AsSpan(unit));
            if (!NumberText.TryDigits(text[at..unit], out decimal number)) return false;
            if (FactorOf(text[unit..end]) is not { } factor || factor >= previous) return false;
            if (end < text.Length && !decimal.IsInteger(number)) return false;
            nanoseconds += number * factor;
            previous = factor;
            at = end;
        }

        return true;
    }

    /// <summary>Parses a time whose unit may be left out: 90 is 90 seconds.</summary>
    /// <param name="text">As <see cref="TryParse"/> takes it, or a number of seconds.</param>
    /// <param name="nanoseconds">The time.</param>
    public static bool TryParseOrSeconds(string text, out decimal nanoseconds)
    {
        if (!NumberText.TryDigits(text, out decimal seconds)) return TryParse(text, out nanoseconds);
        nanoseconds = seconds * NanosecondsPerSecond;
        return true;
    }

    private static int IndexOfUnit(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(NumberText.Digits) is >= 0 and var i ? i : text.Length;

    private static int LengthOfUnit(ReadOnlySpan<char> text) => text.IndexOfAny(NumberText.Digits) is >= 0 and var i ? i : text.Length;

    private static decimal? FactorOf(string unit)
    {
        foreach ((string name, decimal nanoseconds) in Units)
        {
            if (name == unit) return nanoseconds;
        }

        return null;
    }
}
