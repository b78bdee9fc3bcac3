using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Sampling;

/// <summary>One place where values of one process come from.</summary>
internal interface ISampleSource
{
    /// <summary>Adds what can be told at this moment; a rate is since the last call. Called by one thread at a time.</summary>
    void Collect(SampleValues values);
}

/// <summary>The values of one sample while they are gathered. What nobody sets is absent.</summary>
internal sealed class SampleValues
{
    private readonly Dictionary<string, double> _values = [];

    public IReadOnlyDictionary<string, double> All => _values;

    public double? this[Metric metric] => _values.TryGetValue(metric.Name, out double value) ? value : null;

    /// <summary>Sets a value; null, and what is no number, is absent.</summary>
    public void Set(Metric metric, double? value) => Set(metric.Name, value);

    /// <summary>Sets the value of one tag.</summary>
    public void Set(Metric metric, string tag, double? value) => Set(metric.WithTag(Clean(tag)), value);

    private void Set(string name, double? value)
    {
        if (value is { } v && double.IsFinite(v)) _values[name] = v;
    }

    // Thread names are chosen by programs; these characters have a meaning in a recording.
    private static string Clean(string tag) => tag.Replace('[', '(').Replace(']', ')').Replace(';', ',').Replace('=', ':');
}
