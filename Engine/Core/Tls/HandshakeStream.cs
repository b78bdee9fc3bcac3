namespace RawEcho.Engine.Tls;

/// <summary>
/// Stands between SslStream and the transport, and bounds what a handshake takes: bytes of the peer, and its turn at the
/// <see cref="HandshakeGate"/>. After <see cref="Complete"/> it only passes on. One flow uses it: a handshake never reads
/// and writes at a time.
/// </summary>
/// <param name="connection">The connection below TLS.</param>
/// <param name="limits">The bounds; null for none.</param>
internal sealed class HandshakeStream(Connection connection, HandshakeLimits? limits) : Stream
{
    private readonly Stream _inner = connection.Stream;
    private readonly HandshakeGate? _gate = limits?.Gate;
    private readonly int _maxBytes = limits?.MaxBytes ?? 0;
    // Pairs within the connection's own flow, which goes from thread to thread; a reader and a writer may look at the same time.
    private volatile bool _complete;
    private bool _holdsPlace;
    private bool _begun;
    private bool _replied;
    private long _received;

    /// <summary>Who is told of the handshake; null for nobody.</summary>
    public IHandshakeTrace? Trace => connection.Lifetime.Trace;

    /// <summary>Looks into what the peer sends first; null for nobody.</summary>
    public ProtocolSearch? Search { get; set; }

    /// <summary>What the peer has sent in the handshake, bytes.</summary>
    public long Received => _received;

    /// <summary>How far the handshake has come.</summary>
    public HandshakeProgress Progress =>
        _received == 0 ? HandshakeProgress.Unanswered : _replied ? HandshakeProgress.Replied : HandshakeProgress.Answered;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The handshake is over, whichever way: its place is free for another, and nothing is bounded any more.</summary>
    public void Complete()
    {
        LeavePlace();
        _complete = true;
        Search = null;
        connection.Lifetime.HandshakeBytes += _received;
        connection.Lifetime.Trace = null;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _complete ? _inner.ReadAsync(buffer, cancellationToken) : ReadBoundedAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _complete ? _inner.WriteAsync(buffer, cancellationToken) : WriteBoundedAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    public override void Flush() => _inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask<int> ReadBoundedAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        LeavePlace();
        // Asked before there is more to read: data may already stand behind the last flight, and is no part of the handshake.
        if (_maxBytes > 0 && _received >= _maxBytes)
            throw End(CloseReason.HandshakeTooLarge, $"It sent {_maxBytes} bytes, and its handshake was not complete.");
        int read = await _inner.ReadAsync(buffer, cancellation);
        _received += read;
        Trace?.OnReceived(buffer.Span[..read]);
        if (!_replied) Search?.Look(buffer.Span[..read]);
        if (read > 0) await TakePlaceAsync();
        return read;
    }

    private async ValueTask WriteBoundedAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellation)
    {
        _replied = _received > 0;
        Trace?.OnSent(buffer.Span);
        ValueTask write = _inner.WriteAsync(buffer, cancellation);
        if (write.IsCompletedSuccessfully)
        {
            write.GetAwaiter().GetResult();
            return;
        }

        LeavePlace();
        await write;
        await TakePlaceAsync();
    }

    private async ValueTask TakePlaceAsync()
    {
        if (_gate is null) return;
        if (!await _gate.EnterAsync(_begun, connection.Lifetime))
            throw End(CloseReason.HandshakeQueueFull, "Too many handshakes wait for their turn.");
        _holdsPlace = _begun = true;
    }

    private void LeavePlace()
    {
        if (!_holdsPlace) return;
        _holdsPlace = false;
        _gate!.Leave();
    }

    private IOException End(CloseReason reason, string detail)
    {
        connection.Abort(reason, detail);
        return new IOException(detail);
    }
}
