using System.Buffers;
using System.Buffers.Binary;

namespace RawEcho.Engine.Framing;

/// <summary>Messages that begin with their length: 1, 2 or 4 bytes, big or little endian, which count themselves or not.</summary>
public sealed class LengthPrefixedFraming : MessageFraming
{
    private readonly int _prefixBytes;
    private readonly bool _littleEndian;
    private readonly int _counted;

    /// <param name="prefixBytes">Bytes of the length: 1, 2 or 4.</param>
    /// <param name="littleEndian">True when its lowest byte comes first; false (the default) for network order.</param>
    /// <param name="includesPrefix">True when the length counts its own bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no prefix of so many bytes.</exception>
    public LengthPrefixedFraming(int prefixBytes, bool littleEndian = false, bool includesPrefix = false)
    {
        if (prefixBytes is not (1 or 2 or 4))
            throw new ArgumentOutOfRangeException(nameof(prefixBytes), prefixBytes, "A length has 1, 2 or 4 bytes.");
        _prefixBytes = prefixBytes;
        _littleEndian = littleEndian;
        _counted = includesPrefix ? prefixBytes : 0;
    }

    /// <inheritdoc/>
    public override MessageDecoder CreateDecoder() => new Decoder(this);

    /// <inheritdoc/>
    public override void Encode(in ReadOnlySequence<byte> content, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        long length = content.Length + _counted;
        long largest = (1L << (8 * _prefixBytes)) - 1;
        if (length > largest) throw new ArgumentException($"A length of {_prefixBytes} bytes cannot say {length}.", nameof(content));
        WriteLength(output.GetSpan(_prefixBytes), (uint)length);
        output.Advance(_prefixBytes);
        foreach (ReadOnlyMemory<byte> part in content) output.Write(part.Span);
    }

    private void WriteLength(Span<byte> prefix, uint length)
    {
        switch (_prefixBytes)
        {
            case 1:
                prefix[0] = (byte)length;
                break;
            case 2 when _littleEndian:
                BinaryPrimitives.WriteUInt16LittleEndian(prefix, (ushort)length);
                break;
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)length);
                break;
            case 4 when _littleEndian:
                BinaryPrimitives.WriteUInt32LittleEndian(prefix, length);
                break;
            default:
                BinaryPrimitives.WriteUInt32BigEndian(prefix, length);
                break;
        }
    }

    private sealed class Decoder(LengthPrefixedFraming framing) : MessageDecoder
    {
        private uint _length;
        private int _prefixRead;
        private long _missing;

        public override bool IsInsideMessage => _prefixRead > 0;

        public override bool TryDecode(ref ReadOnlySpan<byte> received, MessageContent message)
        {
            if (_prefixRead < framing._prefixBytes && !TryReadLength(ref received, message)) return false;
            int taken = (int)Math.Min(_missing, received.Length);
            message.Append(received[..taken]);
            received = received[taken..];
            _missing -= taken;
            if (_missing > 0) return false;
            (_length, _prefixRead) = (0, 0);
            return true;
        }

        private bool TryReadLength(ref ReadOnlySpan<byte> received, MessageContent message)
        {
            while (_prefixRead < framing._prefixBytes)
            {
                if (received.IsEmpty) return false;
                int shift = 8 * (framing._littleEndian ? _prefixRead : framing._prefixBytes - 1 - _prefixRead);
                _length |= (uint)received[0] << shift;
                received = received[1..];
                _prefixRead++;
            }

            if (_length < framing._counted)
                throw MessageException.Bad($"A length of {_length}, which counts its own {framing._counted} bytes.");
            _missing = _length - framing._counted;
            message.Expect(_missing);
            return true;
        }
    }
}
