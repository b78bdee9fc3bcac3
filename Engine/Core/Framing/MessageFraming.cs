using System.Buffers;

namespace RawEcho.Engine.Framing;

/// <summary>
/// How messages are told apart in a stream of bytes. A framing is immutable and serves any number of connections; what it has to remember
/// about one of them is in the <see cref="MessageDecoder"/> that it makes for it. Derive from both for a codec of your own.
/// </summary>
public abstract class MessageFraming
{
    /// <summary>Makes the decoder of one connection.</summary>
    public abstract MessageDecoder CreateDecoder();

    /// <summary>Writes a message as it goes over the wire.</summary>
    /// <param name="content">Its content.</param>
    /// <param name="output">Where it goes.</param>
    /// <exception cref="ArgumentException">The content cannot be sent with this framing. Nothing of it is sent.</exception>
    public abstract void Encode(in ReadOnlySequence<byte> content, IBufferWriter<byte> output);
}

/// <summary>
/// Finds the messages of one connection in the bytes that it receives, wherever they were cut. Used by one thread at a time.
/// </summary>
public abstract class MessageDecoder
{
    /// <summary>
    /// True between the first and the last byte of a message: a peer that ends here has cut it off, and a graceful shutdown waits for
    /// the rest.
    /// </summary>
    public abstract bool IsInsideMessage { get; }

    /// <summary>Takes bytes until a message is complete or none are left.</summary>
    /// <param name="received">What was received; on return, what has not been taken.</param>
    /// <param name="message">Where the content goes.</param>
    /// <returns>True when the message is complete; false when all bytes were taken and more are needed.</returns>
    /// <exception cref="MessageException">This is no message, or too large a one.</exception>
    public abstract bool TryDecode(ref ReadOnlySpan<byte> received, MessageContent message);
}
