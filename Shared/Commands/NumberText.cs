using System.Buffers;
using System.Globalization;

namespace RawEcho.Commands;

/// <summary>
/// Numbers and sizes as all programs take them on their command lines: 5000, 5k, 1.5M, 64Ki; of bytes also 64KiB, 1MB, 100B.
/// </summary>
public static class NumberText
{
    /// <summary>What a number is made of.</summary>
    internal static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private const int MostDigits = 16;

    private static readonly Dictionary<string, decimal> Factors = new(StringComparer.Ordinal)
    {
        [""] = 1,
        ["k"] = 1_000,
        ["K"] = 1_000,
        ["M"] = 1_000_000,
        ["G"] = 1_000_000_000,
        ["Ki"] = 1L << 10,
        ["Mi"] = 1L << 20,
        ["Gi"] = 1L << 30,
    };

    /// <summary>Parses a number from 0, which may have decimals.</summary>
    /// <param name="text">Digits, and k, M or G (1,000 each) or Ki, Mi or Gi (1,024 each) behind them.</param>
    /// <param name="value">The number.</param>
    public static bool TryParse(string text, out decimal value) => TryParse(text, isSize: false, out value);

    /// <summary>Parses a whole number from 0.</summary>
    /// <param name="text">As <see cref="TryParse(string, out decimal)"/> takes it; 1.5k is whole, 1.5 is not.</param>
    /// <param name="value">The number.</param>
    public static bool TryWhole(string text, out long value) => TryWhole(text, isSize: false, out value);

    /// <summary>Parses a whole number of bytes from 0: a number, which may have a B at its end.</summary>
    public static bool TrySize(string text, out long bytes) => TryWhole(text, isSize: true, out bytes);

    private static bool TryWhole(string text, bool isSize, out long value)
    {
        bool isWhole = TryParse(text, isSize, out decimal number) && number <= long.MaxValue && decimal.IsInteger(number);
        value = isWhole ? (long)number : 0;
        return isWhole;
    }

    private static bool TryParse(string text, bool isSize, out decimal value)
    {
        value = 0;
        int digits = text.AsSpan().IndexOfAnyExcept(Digits);
        (string number, string unit) = digits < 0 ? (text, "") : (text[..digits], text[digits..]);
        if (isSize && unit.EndsWith('B')) unit = unit[..^1];
        if (!Factors.TryGetValue(unit, out decimal factor) || !TryDigits(number, out decimal bare)) return false;
        value = bare * factor;
        return true;
    }

    /// <summary>Parses digits with or without a decimal point, as many as are counted exactly.</summary>
    internal static bool TryDigits(string text, out decimal value)
    {
        value = 0;
        return text.Length <= MostDigits
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);
    }
}
