using System.Buffers;

namespace RawEcho.Engine.Framing;

/// <summary>
/// Lines of text, one message each: LF ends them, and a CR before it belongs to the end of the line. Nothing is said of the encoding.
/// </summary>
public sealed class LineFraming : MessageFraming
{
    private const byte Cr = (byte)'\r', Lf = (byte)'\n';
    private readonly byte[] _end;

    private LineFraming(byte[] end) => _end = end;

    /// <summary>Sends lines that end with LF.</summary>
    public static LineFraming WithLf { get; } = new([Lf]);

    /// <summary>Sends lines that end with CRLF, as most Internet protocols ask (RFC 5321 section 2.3.8).</summary>
    public static LineFraming WithCrLf { get; } = new([Cr, Lf]);

    /// <inheritdoc/>
    public override MessageDecoder CreateDecoder() => new Decoder();

    /// <inheritdoc/>
    public override void Encode(in ReadOnlySequence<byte> content, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        bool endsWithCr = false;
        foreach (ReadOnlyMemory<byte> part in content)
        {
            if (part.Span.Contains(Lf)) throw new ArgumentException("A line holds no LF.", nameof(content));
            if (!part.IsEmpty) endsWithCr = part.Span[^1] == Cr;
        }

        // The reader would take it for a part of the line's end.
        if (endsWithCr) throw new ArgumentException("A line does not end with CR.", nameof(content));
        foreach (ReadOnlyMemory<byte> part in content) output.Write(part.Span);
        output.Write(_end);
    }

    private sealed class Decoder : MessageDecoder
    {
        // Taken, and content only if no LF follows.
        private bool _holdsCr;
        private bool _isInside;

        public override bool IsInsideMessage => _isInside;

        public override bool TryDecode(ref ReadOnlySpan<byte> received, MessageContent message)
        {
            if (received.IsEmpty) return false;
            int end = received.IndexOf(Lf);
            ReadOnlySpan<byte> line = end < 0 ? received : received[..end];
            if (_holdsCr && !line.IsEmpty) message.Append([Cr]);
            // A CR from before counts when the LF follows at once.
            _holdsCr = line.IsEmpty ? _holdsCr : line[^1] == Cr;
            message.Append(_holdsCr && !line.IsEmpty ? line[..^1] : line);
            received = end < 0 ? [] : received[(end + 1)..];
            _isInside = end < 0;
            if (_isInside) return false;
            _holdsCr = false;
            return true;
        }
    }
}
