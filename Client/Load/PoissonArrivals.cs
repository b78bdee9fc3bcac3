namespace RawEcho.Client.Load;

/// <summary>
/// Where the messages of a Poisson process of rate 1 stand: the gaps between them are exponential with the mean 1, and independent. The
/// rate makes times of them. They are asked for in nearly ascending order, by all connections and pacers; any thread may ask.
/// </summary>
/// <param name="seed">The same seed gives the same positions.</param>
/// <param name="reach">How far apart two messages are that are asked for at about the same time: the number of connections.</param>
internal sealed class PoissonArrivals(long seed, int reach)
{
    private const int StretchSize = 1024;
    // Streams of the seed from 0 on are the messages of connections, and -1 is their bytes.
    private const long FirstStream = -2;

    private readonly Lock _lock = new();
    // What each stretch begins behind. Of a stretch itself the positions are made again when it has made room for another one.
    private readonly List<double> _starts = [0];
    private readonly Stretch?[] _recent = new Stretch?[64 + (2 * (reach / StretchSize))];

    /// <summary>How many messages a steady process would have sent when message <paramref name="k"/> is due.</summary>
    public double PositionOf(long k)
    {
        long number = k / StretchSize;
        Stretch? stretch = Volatile.Read(ref _recent[number % _recent.Length]);
        if (stretch?.Number != number) stretch = Make(number);
        return stretch.Positions[k % StretchSize];
    }

    /// <summary>The first message at a position or behind it.</summary>
    public long FirstFrom(double position)
    {
        long number;
        lock (_lock)
        {
            while (_starts[^1] <= position) MakeNext();
            int found = _starts.BinarySearch(position);
            // A stretch begins where the last message of the one before it stands.
            number = Math.Max(0, (found >= 0 ? found : ~found) - 1);
        }

        for (long k = number * StretchSize; ; k++)
        {
            if (PositionOf(k) >= position) return k;
        }
    }

    private Stretch Make(long number)
    {
        lock (_lock)
        {
            while (_starts.Count <= number) MakeNext();
            return Keep(number, _starts[(int)number]);
        }
    }

    private void MakeNext() => _starts.Add(Keep(_starts.Count - 1, _starts[^1]).Positions[^1]);

    private Stretch Keep(long number, double start)
    {
        var random = new RandomSequence(seed, FirstStream - number);
        double[] positions = new double[StretchSize];
        for (int i = 0; i < StretchSize; i++)
        {
            const double unit = 1.0 / (1L << 53);
            // 53 random bits, above 0 and up to 1.
            start -= Math.Log(((random.Next() >> 11) + 1) * unit);
            positions[i] = start;
        }

        var stretch = new Stretch(number, positions);
        Volatile.Write(ref _recent[number % _recent.Length], stretch);
        return stretch;
    }

    private sealed record Stretch(long Number, double[] Positions);
}
