using RawEcho.Diagnostics.Printing;

namespace RawEcho.Diagnostics.Rows;

/// <summary>The values of one sample while they are gathered. A value that no source sets is absent.</summary>
internal sealed class SampleValues
{
    private readonly Dictionary<string, double> _values = [];

    public IReadOnlyDictionary<string, double> All => _values;

    public double? this[Metric metric] => _values.TryGetValue(metric.Name, out double value) ? value : null;

    /// <summary>Sets a value; null, NaN and infinity leave it absent.</summary>
    public void Set(Metric metric, double? value) => Set(metric.Name, value);

    /// <summary>Sets the value of one tag.</summary>
    public void Set(Metric metric, string tag, double? value) => Set(metric.WithTag(Clean(tag)), value);

    private void Set(string name, double? value)
    {
        if (value is { } v && double.IsFinite(v)) _values[name] = v;
    }

    // Tags are chosen by programs; these characters have a meaning in a recording or on a terminal.
    private static string Clean(string tag) =>
        PrintableText.Of(tag).Replace('[', '(').Replace(']', ')').Replace(';', ',').Replace('=', ':');
}
