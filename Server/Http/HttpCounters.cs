namespace RawEcho.Server.Http;

/// <summary>Requests that were answered, by the class of their status.</summary>
internal sealed class HttpCounters
{
    private const int Classes = 6;

    // Interlocked: requests end on every event loop. Nothing else is ordered by these counts.
    private readonly long[] _byClass = new long[Classes];

    private long _cutOff;

    /// <summary>All of them, those that were cut off included.</summary>
    public long Total => Enumerable.Range(0, Classes).Sum(Of) + CutOff;

    /// <summary>Requests whose peer went, or was too slow, before the answer was whole.</summary>
    public long CutOff => Interlocked.Read(ref _cutOff);

    /// <summary>Counts an answer that is whole.</summary>
    public void Count(int status) => Interlocked.Increment(ref _byClass[Math.Clamp(status / 100, 0, Classes - 1)]);

    /// <summary>Counts a request whose answer was cut off.</summary>
    public void CountCutOff() => Interlocked.Increment(ref _cutOff);

    /// <summary>Answers of a class.</summary>
    /// <param name="statusClass">2 for 200 to 299.</param>
    public long Of(int statusClass) => Interlocked.Read(ref _byClass[statusClass]);
}
