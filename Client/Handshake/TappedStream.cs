using RawEcho.Engine;

namespace RawEcho.Client.Handshake;

/// <summary>
/// A connection's bytes as a stream for SslStream, whose first ones in both directions are kept. It goes on on the thread pool: a handshake
/// computes for milliseconds, which would hold up all others on the event loop.
/// </summary>
internal sealed class TappedStream(Connection connection) : Stream
{
    // Both hellos fit, with room for a long list of key shares.
    private const int Kept = 4096;

    private readonly byte[] _received = new byte[Kept];
    private readonly byte[] _sent = new byte[Kept];
    private int _receivedCount;
    private int _sentCount;
    private bool _replied;

    /// <summary>The first bytes that came from the peer.</summary>
    public ReadOnlySpan<byte> Received => _received.AsSpan(0, _receivedCount);

    /// <summary>How far the handshake has come.</summary>
    public HandshakeProgress Progress =>
        _receivedCount == 0 ? HandshakeProgress.Unanswered : _replied ? HandshakeProgress.Replied : HandshakeProgress.Answered;

    /// <summary>The first bytes that went to it.</summary>
    public ReadOnlySpan<byte> Sent => _sent.AsSpan(0, _sentCount);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = buffer.IsEmpty ? await connection.WaitForDataAsync() : await connection.ReadAsync(buffer);
        await Task.Yield();
        Keep(_received, ref _receivedCount, buffer.Span[..read]);
        return read;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _replied = _receivedCount > 0;
        Keep(_sent, ref _sentCount, buffer.Span);
        ValueTask write = connection.WriteAsync(buffer);
        bool atOnce = write.IsCompleted;
        await write;
        if (!atOnce) await Task.Yield();
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static void Keep(byte[] kept, ref int count, ReadOnlySpan<byte> bytes)
    {
        int length = Math.Min(bytes.Length, kept.Length - count);
        bytes[..length].CopyTo(kept.AsSpan(count));
        count += length;
    }
}
