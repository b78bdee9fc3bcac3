using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using RawEcho.Engine;

namespace RawEcho.Client.Http;

/// <summary>
/// HTTP over one connection of the Engine: System.Net.Http writes and parses, and never opens a connection of its own. When this one is
/// used up, because the server has closed it or said that it will, a request fails and <see cref="IsUsedUp"/> is true.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Whoever serves the connection ends the exchange before he returns: CloseAsync.")]
internal sealed class HttpExchange
{
    private readonly Connection _connection;
    private readonly HttpStream _stream;
    private readonly Stream _used;
    private readonly HttpMessageInvoker _invoker;
    private int _opened;

    /// <param name="connection">Open, its handshake complete.</param>
    /// <param name="largestBody">The largest body that is sent, bytes; 0 for none.</param>
    public HttpExchange(Connection connection, long largestBody)
    {
        const long fitsAnywhere = 16 * 1024, room = 1 << 20;
        _connection = connection;
        IsTls = connection.Ssl is not null;
        _stream = new HttpStream(connection);
        _used = largestBody <= fitsAnywhere ? _stream : new ReadAheadStream(_stream, largestBody + room);
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            // The URL says https where the connection is encrypted, because HTTP/2 sends the scheme. Then an SslStream is asked what was
            // negotiated; over what is read and written the filter has the last word.
            ConnectCallback = (_, _) => Open(),
            PlaintextStreamFilter = (_, _) => ValueTask.FromResult(_used),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            EnableMultipleHttp2Connections = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            MaxConnectionsPerServer = 1,
        });
    }

    /// <summary>The connection is encrypted.</summary>
    public bool IsTls { get; }

    /// <summary>No more requests can be sent on this connection; whether the last one was is not known.</summary>
    public bool IsUsedUp => Volatile.Read(ref _opened) > 1 || _stream.Closed.IsCompleted;

    /// <summary>The server has sent something.</summary>
    public bool IsAnswered => _connection.Io.BytesReceived > 0;

    /// <summary>What the connection threw first; null for nothing.</summary>
    public Exception? Fault => _stream.Fault;

    /// <summary>The first bytes that came from the server, at most 16.</summary>
    public ReadOnlySpan<byte> First => _stream.First;

    /// <summary>Sends a request; returns with the head of the response.</summary>
    /// <exception cref="HttpRequestException">There is no response.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> asked for it.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) =>
        _invoker.SendAsync(request, cancellation);

    /// <summary>Ends the exchange; then the connection can be closed in order.</summary>
    /// <exception cref="IOException">The connection has failed, as its own ending will say.</exception>
    public async Task CloseAsync()
    {
        await EndAsync();
        if (Fault is { } fault) ExceptionDispatchInfo.Throw(fault);
    }

    /// <summary>Ends the exchange, whatever became of its connection.</summary>
    public async Task EndAsync()
    {
        _invoker.Dispose();
        await _used.DisposeAsync();
        await _stream.DisposeAsync();
        await _stream.Idle;
    }

    private ValueTask<Stream> Open() => Interlocked.Increment(ref _opened) == 1
        ? ValueTask.FromResult<Stream>(_connection.Ssl is { } ssl ? ssl : _used)
        : throw new IOException("The connection is used up.");
}
