using System.Globalization;

namespace RawEcho.Charts;

/// <summary>
/// A unit of measure: how its values are written, and in which multiple an axis counts. Values are always in base units (seconds,
/// bytes, per cent, pieces).
/// </summary>
public sealed class Unit
{
    private Unit(string name, bool isWhole, params UnitMultiple[] multiples) => (Name, IsWhole, Multiples) = (name, isWhole, multiples);

    /// <summary>Pieces: 12, 1,234,567.</summary>
    public static Unit Count { get; } = new("count", isWhole: true, new UnitMultiple(1, string.Empty));

    /// <summary>Things per second.</summary>
    public static Unit PerSecond { get; } = new("per second", isWhole: false, new UnitMultiple(1, "/s"));

    /// <summary>A ratio without a unit.</summary>
    public static Unit Ratio { get; } = new("ratio", isWhole: false, new UnitMultiple(1, string.Empty));

    /// <summary>Per cent, 0 to 100 and beyond.</summary>
    public static Unit Percent { get; } = new("percent", isWhole: false, new UnitMultiple(1, "%"));

    /// <summary>Seconds, shown from nanoseconds up.</summary>
    public static Unit Seconds { get; } = new(
        "seconds", isWhole: false, new(1e-9, "ns", 0), new(1e-6, "µs", 1), new(1e-3, "ms", 2), new(1, "s", 2));

    /// <summary>Bytes, in multiples of 1,024.</summary>
    public static Unit Bytes { get; } = new("bytes", isWhole: false, Binary(string.Empty));

    /// <summary>Bytes per second, in multiples of 1,024.</summary>
    public static Unit BytesPerSecond { get; } = new("bytes per second", isWhole: false, Binary("/s"));

    /// <summary>Bits per second, in multiples of 1,000.</summary>
    public static Unit BitsPerSecond { get; } = new(
        "bits per second", isWhole: false, new(1, "bit/s", 0), new(1e3, "kbit/s"), new(1e6, "Mbit/s"), new(1e9, "Gbit/s"));

    /// <summary>A unit that a program has chosen, without multiples.</summary>
    /// <param name="symbol">What is written behind a number; empty for nothing.</param>
    public static Unit Named(string symbol) =>
        new(symbol.Length == 0 ? "number" : symbol, isWhole: false, new UnitMultiple(1, symbol));

    /// <summary>The base unit in words, as the page's data names it.</summary>
    public string Name { get; }

    /// <summary>From small to large.</summary>
    internal IReadOnlyList<UnitMultiple> Multiples { get; }

    /// <summary>True when fractions only come from averages.</summary>
    internal bool IsWhole { get; }

    /// <summary>
    /// Writes a value with its unit, as tables and the pointer show it: with the digits that the programs' text output has.
    /// </summary>
    /// <param name="value">In base units; finite.</param>
    public string Format(double value)
    {
        UnitMultiple multiple = MultipleFor(value);
        string number = Number(value / multiple.Factor, multiple.Digits);
        return multiple.Symbol switch
        {
            "" => number,
            "/s" => number + "/s",
            _ => $"{number} {multiple.Symbol}",
        };
    }

    /// <summary>The multiple in which a value reads best.</summary>
    internal UnitMultiple MultipleFor(double value)
    {
        double size = Math.Abs(value);
        if (size == 0) return Multiples.FirstOrDefault(m => m.Factor == 1, Multiples[0]);
        return Multiples.LastOrDefault(m => size >= m.Factor, Multiples[0]);
    }

    // KB is 1,024 bytes here as it is in all the tables of these programs, and in Process Explorer.
    private static UnitMultiple[] Binary(string suffix) =>
    [
        new(1, "B" + suffix, 0),
        new(1 << 10, "KB" + suffix, 1),
        new(1 << 20, "MB" + suffix, 1),
        new(1 << 30, "GB" + suffix, 1),
        new(1L << 40, "TB" + suffix, 1),
    ];

    // The page's script writes values by the same rule.
    private string Number(double value, int? fixedDigits)
    {
        int digits = Math.Abs(value) switch
        {
            _ when IsWhole && value == Math.Floor(value) => 0,
            0 => 0,
            _ when fixedDigits is { } always => always,
            < 10 => 2,
            < 100 => 1,
            _ => 0,
        };
        return value.ToString(digits == 0 ? "#,##0" : "#,##0." + new string('0', digits), CultureInfo.InvariantCulture);
    }
}

/// <summary>A multiple of a unit.</summary>
/// <param name="Factor">How many base units it is.</param>
/// <param name="Symbol">What is written behind the number.</param>
/// <param name="Digits">Decimals; null for as many as make three significant digits.</param>
internal readonly record struct UnitMultiple(double Factor, string Symbol, int? Digits = null);
