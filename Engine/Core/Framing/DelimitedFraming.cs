using System.Buffers;

namespace RawEcho.Engine.Framing;

/// <summary>Messages that end with a sequence of bytes which does not occur in them.</summary>
public sealed class DelimitedFraming : MessageFraming
{
    private readonly byte[] _delimiter;

    // Knuth, Morris and Pratt: for each number of matched bytes, how many are still matched when the next one does not fit.
    private readonly int[] _fallback;

    /// <param name="delimiter">One byte or more.</param>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public DelimitedFraming(ReadOnlySpan<byte> delimiter)
    {
        if (delimiter.IsEmpty) throw new ArgumentException("A delimiter has a byte at least.", nameof(delimiter));
        _delimiter = delimiter.ToArray();
        _fallback = new int[_delimiter.Length];
        for (int end = 1, matched = 0; end < _delimiter.Length; end++)
        {
            while (matched > 0 && _delimiter[end] != _delimiter[matched]) matched = _fallback[matched - 1];
            if (_delimiter[end] == _delimiter[matched]) matched++;
            _fallback[end] = matched;
        }
    }

    /// <inheritdoc/>
    public override MessageDecoder CreateDecoder() => new Decoder(this);

    /// <inheritdoc/>
    public override void Encode(in ReadOnlySequence<byte> content, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        // Also where the end of the content and the beginning of the delimiter make one together: "x-" before "--".
        if (EndsEarly(content)) throw new ArgumentException("The content holds the delimiter, or runs into it.", nameof(content));
        foreach (ReadOnlyMemory<byte> part in content) output.Write(part.Span);
        output.Write(_delimiter);
    }

    private bool EndsEarly(in ReadOnlySequence<byte> content)
    {
        int matched = 0;
        foreach (ReadOnlyMemory<byte> part in content)
        {
            ReadOnlySpan<byte> rest = part.Span;
            while (!rest.IsEmpty)
            {
                int start = matched > 0 ? 0 : rest.IndexOf(_delimiter[0]);
                if (start < 0) break;
                rest = rest[start..];
                matched = Advance(matched, rest[0]);
                rest = rest[1..];
                if (matched == _delimiter.Length) return true;
            }
        }

        if (matched == 0) return false;
        for (int i = 0; i < _delimiter.Length - 1; i++)
        {
            matched = Advance(matched, _delimiter[i]);
            if (matched == _delimiter.Length) return true;
        }

        return false;
    }

    private int Advance(int matched, byte next)
    {
        while (matched > 0 && _delimiter[matched] != next) matched = _fallback[matched - 1];
        return _delimiter[matched] == next ? matched + 1 : 0;
    }

    private sealed class Decoder(DelimitedFraming framing) : MessageDecoder
    {
        // Bytes that were taken and may be the beginning of the delimiter: they are content as soon as the next one does not fit.
        private int _matched;
        private bool _isInside;

        public override bool IsInsideMessage => _isInside;

        public override bool TryDecode(ref ReadOnlySpan<byte> received, MessageContent message)
        {
            ReadOnlySpan<byte> delimiter = framing._delimiter;
            while (!received.IsEmpty)
            {
                _isInside = true;
                if (_matched == 0)
                {
                    int start = received.IndexOf(delimiter[0]);
                    message.Append(start < 0 ? received : received[..start]);
                    received = start < 0 ? [] : received[start..];
                    if (start < 0) break;
                }

                int before = _matched;
                _matched = framing.Advance(_matched, received[0]);
                // What is matched no longer is content; the byte itself, too, when it begins nothing.
                message.Append(delimiter[..(before - Math.Max(0, _matched - 1))]);
                if (_matched == 0) message.Append(received[..1]);
                received = received[1..];
                if (_matched < delimiter.Length) continue;
                (_matched, _isInside) = (0, false);
                return true;
            }

            return false;
        }
    }
}
