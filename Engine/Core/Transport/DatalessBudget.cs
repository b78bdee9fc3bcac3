namespace RawEcho.Engine.Transport;

/// <summary>
/// Finds the peer that sends records without application data: KeyUpdates and empty records cost computing time and get
/// nowhere (RFC 8446 sections 4.6.3 and 5.4). TLS 1.3 hides what a record holds, so what is measured is the bytes that the
/// transport received against the data that came out of them. Looked at once a sweep; costs the hot path one addition.
/// </summary>
internal sealed class DatalessBudget
{
    // What a read that gave data may have taken in at most: a record of the largest size, however much of it is padding
    // (RFC 8446 section 5.2: 2^14 + 256 bytes, and a header of 5).
    private const long PerRead = (1 << 14) + 256 + 5;

    // A byte in a record of its own: header, content type, authentication tag, under TLS 1.2 an IV and padding as well.
    private const long PerByte = 128;

    private long _received;
    private long _reads;
    private long _data;
    private long _without;

    /// <summary>Takes note of the counts so far.</summary>
    /// <param name="received">Bytes that the transport received since the handshake.</param>
    /// <param name="reads">Reads that gave application data.</param>
    /// <param name="data">Bytes of application data.</param>
    /// <returns>Bytes received that no application data accounts for.</returns>
    public long Observe(long received, long reads, long data)
    {
        long paid = ((reads - _reads) * PerRead) + ((data - _data) * PerByte);
        _without = Math.Max(0, _without + received - _received - paid);
        (_received, _reads, _data) = (received, reads, data);
        return _without;
    }
}
