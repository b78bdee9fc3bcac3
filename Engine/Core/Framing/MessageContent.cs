using System.Buffers;
using Microsoft.IO;

namespace RawEcho.Engine.Framing;

/// <summary>
/// Where a decoder puts what it finds: bytes beyond the largest message that is allowed are refused before they are stored.
/// </summary>
public sealed class MessageContent
{
    private readonly int _maxBytes;

    internal MessageContent(int maxBytes) => _maxBytes = maxBytes;

    /// <summary>Bytes so far.</summary>
    public long Length => Stream?.Length ?? 0;

    internal RecyclableMemoryStream? Stream { get; set; }

    /// <summary>Says how long the message will be, as soon as that is known, so that one that is too large is refused at once.</summary>
    /// <param name="bytes">Bytes of the whole content.</param>
    /// <exception cref="MessageException">More than allowed.</exception>
    public void Expect(long bytes)
    {
        if (bytes > _maxBytes)
            throw new MessageException(CloseReason.MessageTooLarge, $"A message of {bytes} bytes; {_maxBytes} are allowed.");
    }

    /// <summary>Adds bytes at the end.</summary>
    /// <exception cref="MessageException">They would make the message larger than allowed; none is stored.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        if (bytes.Length > _maxBytes - Length)
            throw new MessageException(CloseReason.MessageTooLarge, $"A message of more than {_maxBytes} bytes.");
        Stream!.Write(bytes);
    }

    internal ReadOnlySequence<byte> Bytes => Stream?.GetReadOnlySequence() ?? default;
}
