using System.Numerics;

namespace RawEcho.Client;

/// <summary>
/// Latencies in log-linear buckets: 1,024 linear steps for each power of two, so every value is kept within 0.1 %, from a
/// nanosecond to more than two minutes, in a fixed array. Recording allocates nothing. One thread records; merge to share.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int StepBits = 10;
    private const int Steps = 1 << StepBits;
    private const int MaxBits = 38;
    private const long MaxValue = (1L << MaxBits) - 1;

    private readonly long[] _counts = new long[(MaxBits - StepBits + 1) * Steps];
    private long _max;

    /// <summary>How many values were recorded.</summary>
    public long Count { get; private set; }

    /// <summary>The largest value, exactly; 0 when there is none.</summary>
    public TimeSpan Max => FromNanoseconds(_max);

    /// <summary>Records one latency.</summary>
    /// <param name="nanoseconds">From 0; what is beyond the range counts as its end, and <see cref="Max"/> stays exact.</param>
    public void Record(long nanoseconds)
    {
        _counts[IndexOf(Math.Clamp(nanoseconds, 0, MaxValue))]++;
        Count++;
        if (nanoseconds > _max) _max = nanoseconds;
    }

    /// <summary>Adds all of another histogram, as if its values had been recorded here.</summary>
    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        Count += other.Count;
        _max = Math.Max(_max, other._max);
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        (Count, _max) = (0, 0);
    }

    /// <summary>Takes what <paramref name="later"/> has and <paramref name="earlier"/>, an earlier copy of it, has not. <see cref="Max"/> is the whole time's.</summary>
    public void SetDifference(LatencyHistogram later, LatencyHistogram earlier)
    {
        (Count, _max) = (0, later._max);
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] = later._counts[i] - earlier._counts[i];
            Count += _counts[i];
        }
    }

    /// <summary>The value that <paramref name="percent"/> of all values do not exceed; zero when there is none.</summary>
    public TimeSpan Percentile(double percent)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(Count * percent / 100));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank) return FromNanoseconds(Math.Min(HighestOf(i), _max));
        }

        return TimeSpan.Zero;
    }

    private static int IndexOf(long value)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)value | 1) - StepBits);
        return (shift << StepBits) + (int)(value >> shift);
    }

    private static long HighestOf(int index)
    {
        int shift = Math.Max(0, (index >> StepBits) - 1);
        long step = index - ((long)shift << StepBits);
        return ((step + 1) << shift) - 1;
    }

    private static TimeSpan FromNanoseconds(long nanoseconds) => TimeSpan.FromTicks((nanoseconds / 100) + (nanoseconds % 100 / 50));
}
