namespace RawEcho.Engine;

/// <summary>
/// A connection as a stream, for code that knows streams. Only the asynchronous methods exist, because nothing may block an event loop. A
/// token that is cancelled while an operation is under way aborts the connection, since half a TLS record is of no use to anyone.
/// Disposing it does nothing: the end of the handler is the end of the connection.
/// </summary>
internal sealed class ConnectionStream(Connection connection) : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.CanBeCanceled) return CancellableAsync(buffer, cancellationToken);
        return buffer.IsEmpty ? connection.WaitForDataAsync() : connection.ReadAsync(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.CanBeCanceled ? CancellableAsync(buffer, cancellationToken) : connection.WriteAsync(buffer);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Nothing is held back, so there is nothing to flush.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc cref="FlushAsync"/>
    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw NotSynchronous();

    public override void Write(byte[] buffer, int offset, int count) => throw NotSynchronous();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static NotSupportedException NotSynchronous() =>
        new("A connection has asynchronous reads and writes only: a blocked event loop stalls all of its connections.");

    private async ValueTask<int> CancellableAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            await using CancellationTokenRegistration registration = cancellation.UnsafeRegister(Abort, connection);
            int read = await ReadAsync(buffer, CancellationToken.None);
            // The end of an aborted connection looks like that of any other.
            if (read == 0 && !buffer.IsEmpty) cancellation.ThrowIfCancellationRequested();
            return read;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    private async ValueTask CancellableAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            await using CancellationTokenRegistration registration = cancellation.UnsafeRegister(Abort, connection);
            await connection.WriteAsync(buffer);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    private static void Abort(object? connection) =>
        ((Connection)connection!).Abort(CloseReason.LocalClosed, "An operation was cancelled.");
}
