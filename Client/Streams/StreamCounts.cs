namespace RawEcho.Client.Streams;

/// <summary>Bytes of uploads and downloads that were verified while it was measured, over all connections.</summary>
internal sealed class StreamCounts
{
    private long _sent;
    private long _received;

    /// <summary>Bytes that the server has told to have verified.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Bytes that came and were right.</summary>
    public long Received => Interlocked.Read(ref _received);

    public void AddSent(long bytes) => Interlocked.Add(ref _sent, bytes);

    public void AddReceived(long bytes) => Interlocked.Add(ref _received, bytes);
}
