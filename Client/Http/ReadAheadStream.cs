using System.IO.Pipelines;

namespace RawEcho.Client.Http;

/// <summary>
/// Reads what comes while nobody asks for it. System.Net.Http sends the whole body of an HTTP/1.1 request before it looks for the response:
/// a server that answers meanwhile, as an echo does, would wait for its reader, and this side for the server.
/// </summary>
internal sealed class ReadAheadStream : DuplexStream
{
    private const int ChunkBytes = 64 * 1024;

    private readonly Stream _inner;
    private readonly Pipe _pipe;
    private readonly Stream _read;

    /// <param name="inner">The connection; disposed with this stream.</param>
    /// <param name="most">Bytes that are kept until they are asked for, at most.</param>
    public ReadAheadStream(Stream inner, long most)
    {
        _inner = inner;
        _pipe = new Pipe(new PipeOptions(pauseWriterThreshold: most, resumeWriterThreshold: most / 2, useSynchronizationContext: false));
        _read = _pipe.Reader.AsStream();
        _ = PumpAsync();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _read.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _inner.WriteAsync(buffer, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            _read.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task PumpAsync()
    {
        Exception? failure = null;
        try
        {
            while (await _inner.ReadAsync(_pipe.Writer.GetMemory(ChunkBytes)) is > 0 and var read)
            {
                _pipe.Writer.Advance(read);
                if ((await _pipe.Writer.FlushAsync()).IsCompleted) break;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            failure = e;
        }

        await _pipe.Writer.CompleteAsync(failure);
    }
}
