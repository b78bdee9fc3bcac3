using System.Buffers.Binary;

namespace RawEcho.Streams;

/// <summary>
/// What stands before each piece that the server sends in an upload or a download: how much of the client's own stream it has verified,
/// and how many bytes of its stream follow. In an upload none do. Client to server there are no frames, only the stream.
/// </summary>
/// <param name="Verified">Bytes of the client that came and were right.</param>
/// <param name="Length">Bytes of the server that follow; <see cref="Damaged"/> when the client's next byte was wrong.</param>
public readonly record struct StreamFrame(long Verified, uint Length)
{
    /// <summary>How long it is, bytes.</summary>
    public const int Size = 12;

    /// <summary>In place of a length: the byte behind <see cref="Verified"/> is not what it should be. Nothing follows.</summary>
    public const uint Damaged = uint.MaxValue;

    /// <summary>Reads one.</summary>
    /// <param name="bytes"><see cref="Size"/> bytes.</param>
    public static StreamFrame Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[sizeof(long)..]));

    /// <summary>Writes it.</summary>
    /// <param name="bytes"><see cref="Size"/> bytes.</param>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64BigEndian(bytes, Verified);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[sizeof(long)..], Length);
    }
}
