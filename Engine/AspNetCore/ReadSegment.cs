using System.Buffers;

namespace RawEcho.Engine.AspNetCore;

/// <summary>One buffer of what was received and is not consumed yet.</summary>
internal sealed class ReadSegment : ReadOnlySequenceSegment<byte>
{
    private IMemoryOwner<byte>? _buffer;

    public ReadSegment? Following => (ReadSegment?)Next;

    /// <summary>The position after its last byte, counted from the begin of the connection.</summary>
    public long End => RunningIndex + Memory.Length;

    /// <summary>What of its buffer is not filled yet.</summary>
    public Memory<byte> Free => _buffer!.Memory[Memory.Length..];

    /// <summary>Takes a buffer that is still empty.</summary>
    /// <param name="buffer">Belongs to the segment until <see cref="Release"/>.</param>
    /// <param name="start">The position of its first byte.</param>
    public void Begin(IMemoryOwner<byte> buffer, long start)
    {
        _buffer = buffer;
        RunningIndex = start;
        Memory = ReadOnlyMemory<byte>.Empty;
    }

    public void Append(int bytes) => Memory = _buffer!.Memory[..(Memory.Length + bytes)];

    public void Link(ReadSegment next) => Next = next;

    /// <summary>Returns the buffer; the segment can begin anew.</summary>
    public void Release()
    {
        _buffer!.Dispose();
        _buffer = null;
        Memory = default;
        Next = null;
    }
}
