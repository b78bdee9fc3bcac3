using System.Buffers.Binary;

namespace RawEcho.Client.Wire;

/// <summary>
/// Reads what a peer sent. What is not there reads as nothing, and <see cref="IsBroken"/> says so: nothing it is fed makes it throw.
/// </summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>More was asked for than there was.</summary>
    public bool IsBroken { get; private set; }

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1) is [var value] ? value : (byte)0;

    public ushort UInt16() => Take(2) is { Length: 2 } two ? BinaryPrimitives.ReadUInt16BigEndian(two) : (ushort)0;

    public int UInt24() => Take(3) is [var high, var middle, var low] ? (high << 16) | (middle << 8) | low : 0;

    /// <summary>What there is, up to a count: what is not there is missing, and nothing is broken.</summary>
    public ReadOnlySpan<byte> TakeAtMost(int count) => Take(Math.Min(count, _rest.Length));

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            IsBroken = true;
            _rest = [];
            return [];
        }

        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
