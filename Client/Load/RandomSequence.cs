namespace RawEcho.Client.Load;

/// <summary>
/// A repeatable sequence of random numbers in eight bytes (SplitMix64, Steele, Lea and Flood 2014): one for each connection, from
/// one seed. System.Random takes hundreds of bytes when it is seeded, and several times as long.
/// </summary>
/// <param name="seed">The same seed and stream give the same numbers.</param>
/// <param name="stream">Number of the sequence.</param>
internal struct RandomSequence(long seed, long stream)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state = Mix((ulong)seed + Golden) ^ Mix((ulong)stream * 0xD1342543DE82EF95);

    /// <summary>The next 64 random bits.</summary>
    public ulong Next() => Mix(_state += Golden);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
