namespace RawEcho.Engine;

/// <summary>
/// 64-bit counts of one connection's application I/O. Plain fields: one flow writes them, and whoever sums them up
/// reads whole 64-bit values, so the hot path pays no interlocked operation.
/// </summary>
public sealed class IoCounters
{
    // Each Volatile.Read pairs with the Volatile.Write of its field. LimitEnforcer relies on their order: it reads what the socket received
    // before it reads these, so that no byte is counted there whose data is missing here.
    private long _readOperations;
    private long _writeOperations;
    private long _bytesReceived;
    private long _bytesSent;
    private long _lastProgress = Environment.TickCount64;

    /// <summary>Reads that gave data.</summary>
    public long ReadOperations => Volatile.Read(ref _readOperations);

    /// <summary>Writes that completed.</summary>
    public long WriteOperations => Volatile.Read(ref _writeOperations);

    /// <summary>Application bytes read, after decryption.</summary>
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>Application bytes written, before encryption.</summary>
    public long BytesSent => Volatile.Read(ref _bytesSent);

    /// <summary>When application data last moved, on the clock of Environment.TickCount64 (milliseconds).</summary>
    public long LastProgress => Volatile.Read(ref _lastProgress);

    internal void CountRead(int bytes)
    {
        Volatile.Write(ref _readOperations, _readOperations + 1);
        Volatile.Write(ref _bytesReceived, _bytesReceived + bytes);
        Volatile.Write(ref _lastProgress, Environment.TickCount64);
    }

    internal void CountWrite(int bytes)
    {
        Volatile.Write(ref _writeOperations, _writeOperations + 1);
        Volatile.Write(ref _bytesSent, _bytesSent + bytes);
        Volatile.Write(ref _lastProgress, Environment.TickCount64);
    }
}
