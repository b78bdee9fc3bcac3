using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.IO;
using RawEcho.Engine.Buffers;

namespace RawEcho.Engine.Framing;

/// <summary>
/// A connection that speaks in messages. While it waits for one the connection is idle, and a graceful shutdown may end it; from the first
/// byte of a message until the next one is asked for it is busy. One flow reads; any number of them may write. Nothing is held while
/// it is idle. Dispose it when the handler is done; <see cref="MessageHandler"/> does that for you.
/// </summary>
public sealed class MessageConnection : IDisposable
{
    private readonly MessageFraming _framing;
    private readonly MessageDecoder _decoder;
    private readonly MessageContent _message;
    private readonly MessagePool _pool;
    private readonly MessageOptions _options;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly Lock _lock = new();
    private IMemoryOwner<byte>? _buffer;
    private ReadOnlyMemory<byte> _received;
    private RecyclableMemoryStream? _output;
    private bool _isReading;
    private bool _isDisposed;

    /// <param name="connection">The connection; from now on nobody else reads from it or writes to it.</param>
    /// <param name="framing">How messages are told apart.</param>
    /// <param name="maxMessageBytes">
    /// The largest content that is received, bytes; null for the host's <see cref="MessageOptions.MaxMessageBytes"/>.
    /// </param>
    public MessageConnection(Connection connection, MessageFraming framing, int? maxMessageBytes = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(framing);
        if (maxMessageBytes is { } max) ArgumentOutOfRangeException.ThrowIfNegative(max, nameof(maxMessageBytes));
        Connection = connection;
        _framing = framing;
        _decoder = framing.CreateDecoder();
        _pool = connection.Lifetime.Services.Messages;
        _options = connection.Lifetime.Services.MessageOptions;
        _message = new MessageContent(maxMessageBytes ?? _options.MaxMessageBytes);
    }

    /// <summary>The connection below, for its addresses, its TLS details and <see cref="Connection.Abort"/>.</summary>
    public Connection Connection { get; }

    /// <summary>Bytes written and not yet on their way: whoever writes to many connections sees here which one does not keep up.</summary>
    public long UnsentBytes
    {
        get
        {
            lock (_lock) return _output?.Length ?? 0;
        }
    }

    /// <summary>
    /// The next message, or null when there is none any more: <see cref="Connection.EndOfStream"/> says why. What was written so far is
    /// sent before this waits. The message is lent: it may be read, written and sent back, and is used again at the next call.
    /// </summary>
    /// <exception cref="MessageException">The peer sent something that is no message, is too large, or was cut off.</exception>
    /// <exception cref="IOException">The transport failed, or the connection was aborted.</exception>
    /// <exception cref="InvalidOperationException">Another read is under way.</exception>
    public ValueTask<RecyclableMemoryStream?> ReadAsync()
    {
        BeginRead();
        bool isOver = false;
        try
        {
            // A message of the same read takes the stream of the one before, and needs no way through the pool.
            bool isReused = !_received.IsEmpty && _message.Stream is { } stream && _pool.TryClear(stream);
            if (!isReused) ReleaseMessage();
            isOver = TryDecode();
        }
        catch
        {
            EndRead();
            throw;
        }

        return isOver ? new ValueTask<RecyclableMemoryStream?>(EndRead()) : ReceiveAsync();
    }

    /// <summary>
    /// Writes a message. It is sent when enough has come together, at the next read that waits, or by <see cref="FlushAsync"/>.
    /// </summary>
    /// <param name="content">Its content; may be used again as soon as the method has returned.</param>
    /// <exception cref="ArgumentException">The framing cannot send this content.</exception>
    /// <exception cref="IOException">The transport failed, or the connection was aborted.</exception>
    /// <exception cref="ObjectDisposedException">The handler is done with the connection.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> content) => WriteAsync(new ReadOnlySequence<byte>(content));

    /// <summary>Writes the whole of a stream as one message, wherever its position is.</summary>
    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte})"/>
    public ValueTask WriteAsync(RecyclableMemoryStream content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return WriteAsync(content.GetReadOnlySequence());
    }

    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte})"/>
    public ValueTask WriteAsync(in ReadOnlySequence<byte> content)
    {
        bool isEnough;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _output ??= _pool.Rent();
            long before = _output.Length;
            try
            {
                _framing.Encode(content, _output);
            }
            catch
            {
                // Of a message that cannot be sent nothing is.
                _output.SetLength(before);
                if (before == 0) _pool.Return(TakeOutput()!);
                throw;
            }

            isEnough = _output.Length >= _options.FlushBytes;
        }

        return isEnough ? SendAsync() : ValueTask.CompletedTask;
    }

    /// <summary>Sends what was written so far; completes when the transport has taken it.</summary>
    /// <exception cref="IOException">The transport failed, or the connection was aborted.</exception>
    // The read pairs with the writes under the lock, and is but a short cut: a caller sees what it wrote itself; what another thread writes
    // at this moment may be missed, as if this had been called a moment earlier.
    public ValueTask FlushAsync() => Volatile.Read(ref _output) is null ? ValueTask.CompletedTask : SendAsync();

    /// <summary>Gives back what is held. What was written and not sent is lost. May be called more than once.</summary>
    public void Dispose()
    {
        RecyclableMemoryStream? output;
        lock (_lock)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            output = _output;
            _output = null;
            // A read that the handler left behind still writes to its buffer, and gives it back itself.
            if (!_isReading) ReleaseInput();
        }

        if (output is not null) _pool.Return(output);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RecyclableMemoryStream?> ReceiveAsync()
    {
        try
        {
            do
            {
                ReleaseBuffer();
                await FlushAsync();
                await WaitAsync();
                _buffer = Connection.RentBuffer();
                int received = await Connection.ReadAsync(_buffer.Memory);
                if (received == 0)
                {
                    EndInput();
                    break;
                }

                _received = _buffer.Memory[..received];
            }
            while (!TryDecode());
        }
        catch
        {
            EndRead();
            throw;
        }

        return EndRead();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitAsync()
    {
        if (_decoder.IsInsideMessage)
        {
            Connection.Lifetime.BeginMessageTime();
            await Connection.WaitForDataAsync();
        }
        else
        {
            ReleaseMessage();
            await Connection.WaitForNextMessageAsync();
        }
    }

    private bool TryDecode()
    {
        if (_received.IsEmpty) return false;
        _message.Stream ??= _pool.Rent();
        ReadOnlySpan<byte> rest = _received.Span;
        bool isWhole = _decoder.TryDecode(ref rest, _message);
        _received = _received[^rest.Length..];
        if (!isWhole) return false;
        _message.Stream.Position = 0;
        Connection.Lifetime.EndMessageTime();
        return true;
    }

    private void EndInput()
    {
        if (_decoder.IsInsideMessage && Connection.EndOfStream == CloseReason.PeerClosed)
            throw new MessageException(CloseReason.MessageCutOff, $"The peer closed after {_message.Length} bytes of a message.");
        ReleaseInput();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync()
    {
        // Whoever is first sends for all: what others write meanwhile goes out with the next round.
        await _sending.WaitAsync();
        try
        {
            while (TakeOutput() is { } output)
            {
                try
                {
                    foreach (ReadOnlyMemory<byte> part in output.GetReadOnlySequence()) await Connection.WriteAsync(part);
                }
                finally
                {
                    _pool.Return(output);
                }
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    private RecyclableMemoryStream? TakeOutput()
    {
        lock (_lock)
        {
            RecyclableMemoryStream? output = _output;
            _output = null;
            return output;
        }
    }

    private void BeginRead()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_isReading) throw new InvalidOperationException("Another read is under way.");
            _isReading = true;
        }
    }

    /// <returns>The message, if there is one; null after Dispose, because then its stream is somebody else's.</returns>
    private RecyclableMemoryStream? EndRead()
    {
        lock (_lock)
        {
            _isReading = false;
            if (_isDisposed) ReleaseInput();
            return _message.Stream;
        }
    }

    private void ReleaseInput()
    {
        Connection.Lifetime.EndMessageTime();
        ReleaseBuffer();
        ReleaseMessage();
    }

    private void ReleaseBuffer()
    {
        _received = default;
        _buffer?.Dispose();
        _buffer = null;
    }

    private void ReleaseMessage()
    {
        if (_message.Stream is { } message) _pool.Return(message);
        _message.Stream = null;
    }
}
