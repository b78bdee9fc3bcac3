using RawEcho.Diagnostics.Printing;

namespace RawEcho.Diagnostics.Rows;

/// <summary>What a row says of an instrument or counter that the user names.</summary>
internal enum NamedValue
{
    /// <summary>The growth per second of a counter.</summary>
    Rate,

    /// <summary>The current value of a gauge, or of an observable instrument.</summary>
    Value,

    /// <summary>What an UpDownCounter has changed by since it is listened to: nobody knows what it was before.</summary>
    Change,

    /// <summary>The mean of the last interval, of an EventCounter.</summary>
    Mean,

    /// <summary>Half of the values of the last interval were not above it.</summary>
    P50,

    /// <summary>95 of 100 were not above it.</summary>
    P95,

    /// <summary>99 of 100 were not above it.</summary>
    P99,

    /// <summary>Values per second that a histogram has recorded.</summary>
    Count,
}

/// <summary>
/// Rows of meters and counters that the user names. The name of such a row says all there is to know of it, so that a recording can be
/// read by whoever has it: "meter:Acme.Orders:orders.wait:p99 (s)", and its tags in brackets as with other rows.
/// </summary>
internal static class NamedMetric
{
    private const string Meter = "meter";
    private const string Counter = "counter";
    private const int LongestName = 200;
    private const int LongestUnit = 30;

    private static readonly (NamedValue Value, string Word, string Title)[] Values =
    [
        (NamedValue.Rate, "rate", string.Empty), (NamedValue.Value, "value", string.Empty),
        (NamedValue.Change, "change", " since attach"), (NamedValue.Mean, "mean", string.Empty), (NamedValue.P50, "p50", " p50"),
        (NamedValue.P95, "p95", " p95"), (NamedValue.P99, "p99", " p99"), (NamedValue.Count, "count.rate", " count"),
    ];

    /// <summary>The row of an instrument of a meter.</summary>
    public static Metric OfMeter(string meter, string instrument, NamedValue value, string unit) =>
        Make(Meter, Clean(meter, LongestName), Clean(instrument, LongestName), value, UnitOf(value, unit));

    /// <summary>The row of a counter of an event source.</summary>
    public static Metric OfCounter(string source, string counter, NamedValue value, string unit) =>
        Make(Counter, Clean(source, LongestName), Clean(counter, LongestName), value, UnitOf(value, unit));

    /// <summary>The row of a name as a recording has it, without the tag; null when it is none of these.</summary>
    public static Metric? Find(string name)
    {
        string[] words = name.Split(':');
        if (words is not [Meter or Counter, { Length: > 0 }, { Length: > 0 }, _] || !name.EndsWith(')')) return null;
        int unit = words[3].IndexOf(" (", StringComparison.Ordinal);
        int at = unit < 0 ? -1 : Array.FindIndex(Values, v => v.Word == words[3][..unit]);
        return at < 0 ? null : Make(words[0], words[1], words[2], Values[at].Value, words[3][(unit + 2)..^1]);
    }

    /// <summary>The rows of these values, those of meters first, by name.</summary>
    public static IEnumerable<Metric> In(IEnumerable<string> names) => names
        .Where(n => n.StartsWith($"{Meter}:", StringComparison.Ordinal) || n.StartsWith($"{Counter}:", StringComparison.Ordinal))
        .Select(MetricCatalog.WithoutTag)
        .Distinct()
        .Select(Find)
        .OfType<Metric>()
        .OrderBy(m => m.Group == MetricGroup.Counters)
        .ThenBy(m => m.Name, StringComparer.Ordinal);

    /// <summary>The meter or event source of a row.</summary>
    public static string SourceOf(Metric metric) => metric.Name.Split(':')[1];

    private static Metric Make(string kind, string source, string part, NamedValue value, string unit)
    {
        (_, string word, string title) = Array.Find(Values, v => v.Value == value);
        string group = kind == Meter ? MetricGroup.Meters : MetricGroup.Counters;
        return new Metric($"{kind}:{source}:{part}:{word} ({unit})", part + title, unit, group, FormatOf(unit), Aggregation.Mean)
        {
            IsTagged = true,
            IsNamed = true,
        };
    }

    private static MetricFormat FormatOf(string unit) => unit switch
    {
        "s" => MetricFormat.Duration,
        "By" or "B" => MetricFormat.Bytes,
        "By/s" or "B/s" => MetricFormat.ByteRate,
        "%" => MetricFormat.Percent,
        _ => MetricFormat.Amount,
    };

    private static string UnitOf(NamedValue value, string unit) => value switch
    {
        NamedValue.Count => "{record}/s",
        NamedValue.Rate => (unit.Length == 0 ? "1" : CleanUnit(unit)) + "/s",
        _ => unit.Length == 0 ? "1" : CleanUnit(unit),
    };

    private static string CleanUnit(string unit) => Clean(unit, LongestUnit).Replace("(", "", StringComparison.Ordinal)
        .Replace(")", "", StringComparison.Ordinal);

    // Names are chosen by programs; these characters have a meaning in the name of a row, or on a terminal.
    private static string Clean(string name, int longest)
    {
        string clean = PrintableText.Of(name.Trim())
            .Replace(':', '.').Replace('[', '(').Replace(']', ')').Replace(';', ',').Replace('=', '-');
        if (clean.Length == 0) return "?";
        int end = Math.Min(clean.Length, longest);
        if (end < clean.Length && char.IsHighSurrogate(clean[end - 1])) end--;
        return clean[..end];
    }
}
