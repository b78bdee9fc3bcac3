using RawEcho.Client.Http.Load;

namespace RawEcho.Client.Results;

/// <summary>What the responses of a load were like; whole ones that were measured.</summary>
/// <param name="Statuses">Each status that there was, in ascending order.</param>
/// <param name="SmallestBody">Bytes of the smallest body; null when there was no response.</param>
/// <param name="LargestBody">Bytes of the largest body; null when there was no response.</param>
internal sealed record HttpResult(IReadOnlyList<StatusResult> Statuses, long? SmallestBody, long? LargestBody)
{
    public static HttpResult Of(HttpCounts counts) =>
        new([.. counts.All.Select(s => new StatusResult(s.Status, s.Count))], counts.Smallest, counts.Largest);

    /// <summary>How many responses had such a status.</summary>
    public long Count(StatusRule rule) => Statuses.Where(s => rule.Includes(s.Status)).Sum(s => s.Count);

    /// <summary>All of several.</summary>
    public static HttpResult Merge(IReadOnlyList<HttpResult> parts) => new(
        [
            .. parts.SelectMany(p => p.Statuses).GroupBy(s => s.Status).OrderBy(g => g.Key)
                .Select(g => new StatusResult(g.Key, g.Sum(s => s.Count))),
        ],
        parts.Min(p => p.SmallestBody),
        parts.Max(p => p.LargestBody));
}

/// <summary>A status and how many responses had it.</summary>
internal sealed record StatusResult(int Status, long Count);

/// <summary>What requests were like.</summary>
/// <param name="Version">1.1 or 2.</param>
/// <param name="Method">The method of every request.</param>
/// <param name="KeepAlive">False when each request had a connection of its own.</param>
/// <param name="Bodies">echo where a body had to be what was sent; length where it had to be as long as its response said.</param>
internal sealed record HttpSettingsResult(string Version, string Method, bool KeepAlive, string Bodies);
