namespace RawEcho.Server.Http;

/// <summary>Requests that were answered, by the class of their status.</summary>
internal sealed class HttpCounters
{
    private const int Classes = 6;

    // Interlocked: requests end on every event loop. Nothing else is ordered by these counts.
    private readonly long[] _byClass = new long[Classes];

    /// <summary>All of them.</summary>
    public long Total => Enumerable.Range(0, Classes).Sum(Of);

    /// <summary>Counts an answer.</summary>
    public void Count(int status) => Interlocked.Increment(ref _byClass[Math.Clamp(status / 100, 0, Classes - 1)]);

    /// <summary>Answers of a class.</summary>
    /// <param name="statusClass">2 for 200 to 299.</param>
    public long Of(int statusClass) => Interlocked.Read(ref _byClass[statusClass]);
}
