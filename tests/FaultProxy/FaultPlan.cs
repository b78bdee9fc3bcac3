namespace RawEcho.Faults;

/// <summary>What happens to one connection. The same seed and number give the same plan.</summary>
/// <param name="Seed">The seed of the proxy.</param>
/// <param name="Number">The number of the connection, from 0.</param>
/// <param name="Kind">What is done to it.</param>
/// <param name="ToServer">True for the bytes from client to server, false for those on the way back.</param>
/// <param name="Offset">At which byte of that direction, from 0.</param>
/// <param name="Length">How many bytes are missing after a drop.</param>
/// <param name="Bit">Which bit is turned by a flip, 0 to 7.</param>
public sealed record FaultPlan(int Seed, int Number, FaultKind Kind, bool ToServer, int Offset, int Length, int Bit)
{
    // Half of the faults fall into the handshake (a few kilobytes in each direction), half behind it.
    private const int EarlyBytes = 3000;
    private const int LateBytes = 12_000;
    private const int LongestDrop = 200;

    /// <summary>The plan of one connection.</summary>
    /// <param name="seed">The seed of the proxy.</param>
    /// <param name="number">The number of the connection, from 0.</param>
    /// <param name="share">The part of connections that suffer a fault, 0 to 1.</param>
    /// <param name="kinds">The faults to choose from.</param>
    public static FaultPlan Create(int seed, int number, double share, IReadOnlyList<FaultKind> kinds)
    {
        Random random = RandomOf(seed, number, stream: 0);
        bool suffers = random.NextDouble() < share;
        return new FaultPlan(
            seed,
            number,
            suffers ? kinds[random.Next(kinds.Count)] : FaultKind.None,
            random.Next(2) == 0,
            random.Next(random.Next(2) == 0 ? EarlyBytes : LateBytes),
            random.Next(1, LongestDrop),
            random.Next(8));
    }

    /// <summary>The random numbers of one direction, for how its bytes are split, merged and delayed.</summary>
    internal Random Rhythm(bool toServer) => RandomOf(Seed, Number, toServer ? 1 : 2);

#pragma warning disable CA5394 // It must be repeatable; nothing is kept secret with it.
    private static Random RandomOf(int seed, int number, int stream) => new(unchecked((((seed * 1_000_003) + number) * 31) + stream));
#pragma warning restore CA5394
}
