using RawEcho.Diagnostics.Sampling.Settings;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>Which of the meters and instruments that the user names the process has shown. Not safe for several threads.</summary>
internal sealed class NamedInstruments(IReadOnlyList<RequestedSource> named)
{
    private const string Observable = "Observable";

    private readonly HashSet<(string Meter, string? Instrument)> _seen = new(NoCase.Instance);
    private readonly HashSet<Instrument> _observable = [];

    /// <summary>The process tells of an instrument, before its first value.</summary>
    public void Begin(Instrument instrument, string type)
    {
        if (See(instrument) && type.StartsWith(Observable, StringComparison.Ordinal)) _observable.Add(instrument);
    }

    /// <summary>The process tells of an instrument.</summary>
    /// <returns>Whether the user asks for it.</returns>
    public bool See(Instrument instrument)
    {
        bool isNamed = false;
        foreach (RequestedSource source in named.Where(s => s.Covers(instrument.Meter, instrument.Name)))
        {
            isNamed = true;
            _seen.Add((source.Name, null));
            if (source.Parts.Count > 0) _seen.Add((source.Name, instrument.Name));
        }

        return isNamed;
    }

    /// <summary>
    /// Whether the instrument knows its whole value. A session that another tool began does not say it; then it may not.
    /// </summary>
    public bool IsObservable(Instrument instrument) => _observable.Contains(instrument);

    /// <summary>A sentence for each meter and instrument that was not seen.</summary>
    public IEnumerable<string> Unseen()
    {
        foreach (RequestedSource source in named)
        {
            string[] missing = [.. source.Parts.Where(p => !_seen.Contains((source.Name, p)))];
            if (source.Parts.Count == 0 && !_seen.Contains((source.Name, null)))
                yield return $"No such meter was seen: {source}. It is shown if the program creates it.";
            else if (missing.Length > 0)
                yield return $"No such instrument was seen: {source with { Parts = missing }}. It is shown if the program creates it.";
        }
    }

    private sealed class NoCase : IEqualityComparer<(string Meter, string? Instrument)>
    {
        public static readonly NoCase Instance = new();

        public bool Equals((string Meter, string? Instrument) x, (string Meter, string? Instrument) y) =>
            string.Equals(x.Meter, y.Meter, StringComparison.OrdinalIgnoreCase)
            && string.Equals(x.Instrument, y.Instrument, StringComparison.OrdinalIgnoreCase);

        public int GetHashCode((string Meter, string? Instrument) pair) => HashCode.Combine(
            StringComparer.OrdinalIgnoreCase.GetHashCode(pair.Meter), StringComparer.OrdinalIgnoreCase.GetHashCode(pair.Instrument ?? ""));
    }
}
