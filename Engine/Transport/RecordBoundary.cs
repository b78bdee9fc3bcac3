namespace RawEcho.Engine.Transport;

/// <summary>
/// Follows where TLS records begin and end in the bytes that a socket received (RFC 8446 section 5.1: one byte of type, two of version,
/// two of length, then the fragment). Between two records nothing of a peer's data is half received, so a stop may end a read there.
/// </summary>
internal sealed class RecordBoundary
{
    private const int HeaderLength = 5;
    private const int LengthOffset = 3;

    private int _headerBytes;
    private int _lengthHigh;
    private int _fragmentLeft;

    /// <summary>True when the next byte is the first one of a record.</summary>
    public bool IsBetweenRecords => _headerBytes == 0 && _fragmentLeft == 0;

    /// <summary>Takes note of bytes in the order in which they were received.</summary>
    public void Observe(ReadOnlySpan<byte> received)
    {
        while (!received.IsEmpty)
        {
            if (_fragmentLeft > 0)
            {
                int taken = Math.Min(_fragmentLeft, received.Length);
                _fragmentLeft -= taken;
                received = received[taken..];
                continue;
            }

            ObserveHeaderByte(received[0]);
            received = received[1..];
        }
    }

    private void ObserveHeaderByte(byte value)
    {
        if (_headerBytes == LengthOffset) _lengthHigh = value;
        if (++_headerBytes < HeaderLength) return;
        _fragmentLeft = (_lengthHigh << 8) | value;
        _headerBytes = 0;
    }
}
