using System.Numerics;

namespace RawEcho.Client.Load;

/// <summary>
/// Latencies in log-linear buckets: 1,024 linear steps for each power of two, so every value is kept within 0.1 %, from a
/// nanosecond to more than four minutes, in a fixed array. Recording allocates nothing. One thread records; others may look on
/// at any time and see at worst a value less; merge to share.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int StepBits = 10;
    private const int Steps = 1 << StepBits;
    private const int MaxBits = 38;
    private const long MaxValue = (1L << MaxBits) - 1;

    private readonly long[] _counts = new long[(MaxBits - StepBits + 1) * Steps];
    private long _count;
    private long _max;

    /// <summary>How many values were recorded.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The largest value, exactly, nanoseconds; null when there is none.</summary>
    public long? Max => Count == 0 ? null : Volatile.Read(ref _max);

    /// <summary>Every bucket that holds something: the highest value of the bucket (nanoseconds) and the count, lowest first.</summary>
    public IEnumerable<(long UpTo, long Count)> Buckets
    {
        get
        {
            for (int i = 0; i < _counts.Length; i++)
            {
                if (_counts[i] > 0) yield return (HighestOf(i), _counts[i]);
            }
        }
    }

    /// <summary>Records one latency.</summary>
    /// <param name="nanoseconds">From 0; what is beyond the range counts as its end, and <see cref="Max"/> stays exact.</param>
    public void Record(long nanoseconds)
    {
        _counts[IndexOf(Math.Clamp(nanoseconds, 0, MaxValue))]++;
        _count++;
        if (nanoseconds > _max) _max = nanoseconds;
    }

    /// <summary>Records what another histogram told of one of its <see cref="Buckets"/>.</summary>
    /// <param name="upTo">The highest value of the bucket.</param>
    /// <param name="count">How many values it held.</param>
    /// <param name="max">The largest value of that histogram.</param>
    public void Record(long upTo, long count, long max)
    {
        _counts[IndexOf(Math.Clamp(upTo, 0, MaxValue))] += count;
        _count += count;
        _max = Math.Max(_max, max);
    }

    /// <summary>Adds all of another histogram, as if its values had been recorded here.</summary>
    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        _count += other._count;
        _max = Math.Max(_max, other._max);
    }

    /// <summary>
    /// Becomes what <paramref name="later"/> has more than <paramref name="earlier"/>; the largest value is then its bucket's.
    /// </summary>
    public void SetDifference(LatencyHistogram later, LatencyHistogram earlier)
    {
        (_count, _max) = (0, 0);
        for (int i = 0; i < _counts.Length; i++)
        {
            long count = _counts[i] = later._counts[i] - earlier._counts[i];
            if (count == 0) continue;
            _count += count;
            _max = Math.Min(HighestOf(i), later._max);
        }
    }

    /// <summary>Forgets all values.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        (_count, _max) = (0, 0);
    }

    /// <summary>The value, in nanoseconds, that <paramref name="percent"/> of all values do not exceed; null when there is none.</summary>
    public long? Percentile(double percent)
    {
        if (Count == 0) return null;
        long rank = Math.Max(1, (long)Math.Ceiling(_count * percent / 100));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank) return Math.Min(HighestOf(i), _max);
        }

        // The one who records has counted a value whose bucket was read before.
        return _max;
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
}
