namespace RawEcho.Client.Http.Load;

/// <summary>What the responses of a load were like. Any thread counts.</summary>
internal sealed class HttpCounts
{
    private const int Statuses = 1000;

    private readonly long[] _statuses = new long[Statuses];
    private long _smallest = long.MaxValue;
    private long _largest = -1;

    /// <summary>Each status that there was, and how many whole responses had it; in ascending order.</summary>
    public IEnumerable<(int Status, long Count)> All =>
        Enumerable.Range(0, Statuses).Select(s => (s, Volatile.Read(ref _statuses[s]))).Where(s => s.Item2 > 0);

    /// <summary>Bytes of the smallest body; null when there was none.</summary>
    public long? Smallest => _largest < 0 ? null : Volatile.Read(ref _smallest);

    /// <summary>Bytes of the largest body; null when there was none.</summary>
    public long? Largest => _largest < 0 ? null : Volatile.Read(ref _largest);

    /// <summary>Counts a whole response.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="body">Bytes of its body.</param>
    public void Add(int status, long body)
    {
        Interlocked.Increment(ref _statuses[Math.Clamp(status, 0, Statuses - 1)]);
        for (long seen = Volatile.Read(ref _smallest); body < seen; seen = Volatile.Read(ref _smallest))
            Interlocked.CompareExchange(ref _smallest, body, seen);
        for (long seen = Volatile.Read(ref _largest); body > seen; seen = Volatile.Read(ref _largest))
            Interlocked.CompareExchange(ref _largest, body, seen);
    }
}
