using System.IO.Pipelines;
using RawEcho.Engine;
using RawEcho.Engine.Buffers;

namespace RawEcho.Testing;

/// <summary>A connection without a socket: two pipes in memory. What one end writes, the other reads.</summary>
public sealed class MemoryConnection : Connection
{
    private readonly DuplexStream _stream;

    private MemoryConnection(long id, BufferPool buffers, Pipe incoming, Pipe outgoing, object? state)
        : base(new ConnectionLifetime(id, local: null, remote: null, buffers) { State = state })
    {
        Buffers = buffers;
        _stream = new DuplexStream(incoming, outgoing);
    }

    public BufferPool Buffers { get; }

    /// <summary>The bytes, for a test that plays the peer itself.</summary>
    public Stream Bytes => _stream;

    protected override Stream Stream => _stream;

    protected override CloseReason TransportEnd =>
        _stream.IsAborted ? CloseReason.PeerReset : _stream.HasEnded ? CloseReason.PeerClosed : CloseReason.None;

    public override bool CompletesInline { get; set; }

    /// <summary>Two ends of one connection.</summary>
    public static (MemoryConnection Near, MemoryConnection Far) CreatePair(object? nearState = null)
    {
        var buffers = new BufferPool(maxBytes: 4 * 1024 * 1024);
        var (there, back) = (new Pipe(), new Pipe());
        return (new MemoryConnection(1, buffers, back, there, nearState), new MemoryConnection(2, buffers, there, back, null));
    }

    /// <summary>Ends this side's stream, as FIN does.</summary>
    public void EndOutput() => _stream.EndOutput();

    protected override void AbortTransport() => _stream.Abort();

    private sealed class DuplexStream(Pipe incoming, Pipe outgoing) : Stream
    {
        private readonly Stream _reader = incoming.Reader.AsStream(leaveOpen: true);

        public bool HasEnded { get; private set; }

        public bool IsAborted { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void EndOutput() => outgoing.Writer.Complete();

        public void Abort()
        {
            IsAborted = true;
            incoming.Reader.CancelPendingRead();
            outgoing.Writer.CancelPendingFlush();
            outgoing.Writer.Complete(new IOException("aborted"));
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (IsAborted) throw new IOException("aborted");
            int read;
            try
            {
                read = await _reader.ReadAsync(buffer, cancellationToken);
            }
            catch (OperationCanceledException) when (IsAborted)
            {
                throw new IOException("aborted");
            }

            HasEnded |= read == 0 && !buffer.IsEmpty;
            return read;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (IsAborted) throw new IOException("aborted");
            await outgoing.Writer.WriteAsync(buffer, cancellationToken);
            if (IsAborted) throw new IOException("aborted");
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
