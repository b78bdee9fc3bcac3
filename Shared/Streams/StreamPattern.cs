using System.Runtime.InteropServices;

namespace RawEcho.Streams;

/// <summary>
/// The bytes of an upload or a download: the same random bytes each time, repeated with a period that is prime, so that a block that is
/// lost, repeated or moved shows as surely as a bit that is flipped.
/// </summary>
public static class StreamPattern
{
    /// <summary>Bytes that are sent at a time.</summary>
    public const int Block = 128 * 1024;

    private const int Period = 65_521;

    private static readonly byte[] Bytes = Make();

    /// <summary>The bytes from a position on.</summary>
    /// <param name="position">Bytes of the stream before them.</param>
    /// <param name="length">Up to <see cref="Block"/>.</param>
    public static ReadOnlyMemory<byte> From(long position, int length) => Bytes.AsMemory((int)(position % Period), length);

    /// <summary>Compares bytes that came.</summary>
    /// <param name="position">Bytes of the stream before them.</param>
    /// <param name="came">Up to <see cref="Block"/> bytes.</param>
    /// <returns>How many are as they have to be, from the first on.</returns>
    public static int CountSame(long position, ReadOnlySpan<byte> came)
    {
        ReadOnlySpan<byte> expected = From(position, came.Length).Span;
        return came.SequenceEqual(expected) ? came.Length : came.CommonPrefixLength(expected);
    }

    private static byte[] Make()
    {
        // SplitMix64 (Steele, Lea and Flood 2014) from a fixed seed: both sides make the same bytes.
        byte[] period = new byte[(Period + sizeof(ulong)) & -sizeof(ulong)];
        ulong state = 0;
        foreach (ref ulong word in MemoryMarshal.Cast<byte, ulong>(period.AsSpan()))
        {
            ulong z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            word = z ^ (z >> 31);
        }

        byte[] bytes = new byte[Period + Block];
        for (int at = 0; at < bytes.Length; at += Period)
            period.AsSpan(0, Math.Min(Period, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
        return bytes;
    }
}
