using System.Buffers;
using RawEcho.Diagnostics.Printing;

namespace RawEcho.Diagnostics.Sampling.Settings;

/// <summary>A meter, or an event source with counters, that the user names.</summary>
/// <param name="Name">Its name. Case does not count, as it does not for the runtime.</param>
/// <param name="Parts">The instruments or counters that are wanted of it; empty for all.</param>
internal sealed record RequestedSource(string Name, IReadOnlyList<string> Parts)
{
    // They end or divide the arguments of a provider; the asterisk means something else in each version of the runtime.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("\"\\;=,[]*:");

    /// <summary>Whether an instrument or counter is asked for.</summary>
    public bool Covers(string name, string part) =>
        IsNamed(name) && (Parts.Count == 0 || Parts.Contains(part, StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether this is its name.</summary>
    public bool IsNamed(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads "NAME", "NAME\PART" and "NAME[PART,PART]", one or several with commas between them.</summary>
    /// <returns>Null when it is none of these.</returns>
    public static IReadOnlyList<RequestedSource>? TryParse(string word)
    {
        List<RequestedSource> all = [];
        foreach (string one in Split(word))
        {
            if (ParseOne(one.Trim()) is not { } source) return null;
            all.Add(source);
        }

        return all;
    }

    /// <summary>As it is written on the command line.</summary>
    public override string ToString() => Parts.Count == 0 ? Name : $"{Name}[{string.Join(',', Parts)}]";

    private static RequestedSource? ParseOne(string word)
    {
        if (word.IndexOf('[', StringComparison.Ordinal) is >= 0 and var open)
        {
            if (word[^1] != ']') return null;
            string[] parts = [.. word[(open + 1)..^1].Split(',').Select(p => p.Trim())];
            return IsName(word[..open]) && Array.TrueForAll(parts, IsName) ? new RequestedSource(word[..open], parts) : null;
        }

        if (word.IndexOf('\\', StringComparison.Ordinal) is >= 0 and var slash)
            return IsName(word[..slash]) && IsName(word[(slash + 1)..]) ? new RequestedSource(word[..slash], [word[(slash + 1)..]]) : null;
        return IsName(word) ? new RequestedSource(word, []) : null;
    }

    private static bool IsName(string name) => name.Length > 0 && name.Trim() == name && !name.AsSpan().ContainsAny(Forbidden)
        && PrintableText.Of(name) == name;

    // At the commas that stand in no brackets.
    private static IEnumerable<string> Split(string word)
    {
        int start = 0;
        bool isInside = false;
        for (int i = 0; i < word.Length; i++)
        {
            if (word[i] is '[' or ']') isInside = word[i] == '[';
            if (word[i] != ',' || isInside) continue;
            yield return word[start..i];
            start = i + 1;
        }

        yield return word[start..];
    }
}
