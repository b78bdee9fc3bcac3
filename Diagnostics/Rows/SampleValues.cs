using RawEcho.Diagnostics.Printing;

namespace RawEcho.Diagnostics.Rows;

/// <summary>The values of one sample while they are gathered. A value that no source sets is absent.</summary>
internal sealed class SampleValues
{
    private const int LongestTag = 200;

    // Sums and axes of such values are still numbers.
    private const double Largest = 1e100;

    private readonly Dictionary<string, double> _values = [];

    /// <summary>Whether a row can have this value.</summary>
    public static bool IsValue(double value) => Math.Abs(value) <= Largest;

    public IReadOnlyDictionary<string, double> All => _values;

    public double? this[Metric metric] => _values.TryGetValue(metric.Name, out double value) ? value : null;

    /// <summary>Sets a value; null, NaN and infinity leave it absent.</summary>
    public void Set(Metric metric, double? value) => Set(metric.Name, value);

    /// <summary>Sets the value of one tag.</summary>
    public void Set(Metric metric, string tag, double? value) => Set(metric.WithTag(Clean(tag)), value);

    /// <summary>Whether a row has a value, for a tag or, with an empty one, for none.</summary>
    public bool Has(Metric metric, string tag) => _values.ContainsKey(tag.Length == 0 ? metric.Name : metric.WithTag(Clean(tag)));

    // No recording holds larger numbers, and a foreign program may give any.
    private void Set(string name, double? value)
    {
        if (value is { } v && IsValue(v)) _values[name] = v;
    }

    // Tags are chosen by programs; these characters have a meaning in a recording or on a terminal.
    private static string Clean(string tag)
    {
        string clean = PrintableText.Of(tag).Replace('[', '(').Replace(']', ')').Replace(';', ',').Replace('=', ':');
        return clean.Length <= LongestTag ? clean : clean[..(LongestTag - (char.IsHighSurrogate(clean[LongestTag - 1]) ? 1 : 0))];
    }
}
