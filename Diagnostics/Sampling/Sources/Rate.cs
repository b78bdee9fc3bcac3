using System.Diagnostics;

namespace RawEcho.Diagnostics.Sampling.Sources;

/// <summary>Turns a total that grows into a rate per second, between one call and the next.</summary>
internal struct Rate
{
    private double _total;
    private long _at;

    /// <summary>The rate since the last call; null the first time, and when the total is missing or went back.</summary>
    public double? Next(double? total) => Next(total, Stopwatch.GetTimestamp());

    /// <param name="total">The total now.</param>
    /// <param name="at">When that is, as of Stopwatch.</param>
    public double? Next(double? total, long at)
    {
        if (total is not { } now) return null;
        double? rate = _at != 0 && at > _at && now >= _total ? (now - _total) / Stopwatch.GetElapsedTime(_at, at).TotalSeconds : null;
        (_total, _at) = (now, at);
        return rate;
    }
}
