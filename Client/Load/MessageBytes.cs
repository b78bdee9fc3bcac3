using System.Runtime.InteropServices;

namespace RawEcho.Client.Load;

/// <summary>
/// Random bytes that all messages of a run are slices of: a message is an offset and a size, so that nothing is copied to send it or
/// kept to compare its echo with.
/// </summary>
internal sealed class MessageBytes
{
    // Power of two; two messages in a row begin at the same offset about once in so many.
    private const int Offsets = 4096;

    private readonly byte[] _bytes;

    /// <param name="largest">The largest message, bytes.</param>
    /// <param name="seed">The same seed gives the same bytes.</param>
    public MessageBytes(int largest, long seed)
    {
        _bytes = new byte[(largest + Offsets + sizeof(ulong)) & -sizeof(ulong)];
        var random = new RandomSequence(seed, stream: -1);
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(_bytes.AsSpan());
        foreach (ref ulong word in words) word = random.Next();
    }

    /// <summary>All of them.</summary>
    public ReadOnlyMemory<byte> All => _bytes;

    /// <summary>Takes an offset out of random bits.</summary>
    public static int OffsetOf(ulong random) => (int)(random & (Offsets - 1));
}
