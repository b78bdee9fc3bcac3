using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using RawEcho.Engine.Buffers;

namespace RawEcho.Engine;

/// <summary>
/// One connection as a handler sees it, with or without TLS, over a socket or in memory: bytes in, bytes out, one ending.
/// At most one read and one write may be under way at a time. No operation takes a cancellation token, because a TLS
/// record that was half read or half written cannot be resumed: to cancel is to <see cref="Abort"/>.
/// </summary>
/// <param name="lifetime">What all layers of this connection share.</param>
public abstract class Connection(ConnectionLifetime lifetime) : IAsyncDisposable
{
    private const int MaxRecordPlaintext = 1 << 14;

    private ReadSize _readSize;
    private bool _hasWaited;
    private ConnectionStream? _asStream;
    private ConnectionPipe? _transport;

    /// <summary>Number of the connection, from 1, unique within its host.</summary>
    public long Id => Lifetime.Id;

    /// <summary>This side's address, or what a proxy said the client connected to; null where the transport has none.</summary>
    public EndPoint? LocalEndPoint => Lifetime.LocalEndPoint;

    /// <summary>The peer's address, or what a proxy said that its client has; null where the transport has none.</summary>
    public EndPoint? RemoteEndPoint => Lifetime.RemoteEndPoint;

    /// <summary>What a proxy said of the connection (<see cref="Proxy.ProxyProtocolHandler"/>); null without one.</summary>
    public ProxyHeader? Proxy => Lifetime.Proxy;

    /// <summary>The address from which that proxy connected; null without one.</summary>
    public EndPoint? ProxyEndPoint => Lifetime.ProxyEndPoint;

    /// <summary>
    /// Who the client is by the word of the proxy: the common name in the certificate that the proxy has verified. Set only where
    /// <see cref="Proxy.ProxyProtocolOptions.TrustClientName"/> asks for it, and then always; else null. <see cref="PeerCertificate"/> is
    /// the proxy's own then.
    /// </summary>
    public string? ProxyClientName => Lifetime.ProxyClientName;

    /// <summary>When the TCP connect began that made it, in ticks of Stopwatch; 0 for a connection that was accepted.</summary>
    public long ConnectStartedAt => Lifetime.ConnectStartedAt;

    /// <summary>
    /// What whoever opened the connection gave along; null for an accepted one. A handler may put something here for the handler that it
    /// hands the connection to: TLS passes it on.
    /// </summary>
    public object? State
    {
        get => Lifetime.State;
        set => Lifetime.SetState(value);
    }

    /// <summary>Where the connection stands in its life.</summary>
    public ConnectionPhase Phase => Lifetime.Phase;

    /// <summary>How long the TLS handshake took; zero without TLS.</summary>
    public TimeSpan HandshakeTime => Lifetime.HandshakeTime;

    /// <summary>What the handler has read and written so far.</summary>
    public IoCounters Io => Lifetime.Io;

    /// <summary>
    /// Why <see cref="ReadAsync"/> returned 0: the peer closed, was cut off or reset, or this side drains.
    /// <see cref="CloseReason.None"/> before that.
    /// </summary>
    public CloseReason EndOfStream => Lifetime.EndOfStream;

    /// <summary>
    /// Cancelled as soon as the connection is over, whichever side or limit ended it, on a thread of the pool: for work on its behalf that
    /// does not read or write.
    /// </summary>
    public CancellationToken Ended => Lifetime.Ended;

    /// <summary>
    /// Cancelled when this side asks the connection to end in order, because it stops or because the connection has reached
    /// <see cref="EngineOptions.MaxLifetime"/>; on a thread of the pool. For protocols that tell their peer not to begin anything new, as
    /// HTTP does. A connection that is idle is ended without it.
    /// </summary>
    public CancellationToken EndRequested => Lifetime.EndRequested;

    /// <summary>
    /// The connection as two pipes (System.IO.Pipelines). Either this, <see cref="AsStream"/> or the methods of the connection itself:
    /// whatever one of them has buffered the others do not see.
    /// </summary>
    public IDuplexPipe Transport => _transport ??= new ConnectionPipe(AsStream());

    /// <summary>What was negotiated; null without TLS.</summary>
    public virtual TlsDetails? Tls => null;

    /// <summary>
    /// The certificate that the peer has shown, in this handshake or in the session that was resumed; null if it showed none. It may be
    /// kept when the connection has ended: nobody disposes it.
    /// </summary>
    public virtual X509Certificate2? PeerCertificate => null;

    /// <summary>
    /// The SslStream that encrypts this connection, for code that asks one what was negotiated before it uses a stream that is encrypted
    /// already, as SocketsHttpHandler does; null without TLS. Read and write by the connection or <see cref="AsStream"/>: what goes past
    /// them is not counted and cannot be cancelled. Disposing it does not end the connection.
    /// </summary>
    public virtual SslStream? Ssl => null;

    /// <summary>What the kernel knows of the TCP connection now; null where it cannot be asked, and once the socket is closed.</summary>
    public virtual TcpStatistics? Tcp => null;

    /// <summary>What all layers of this connection share.</summary>
    protected internal ConnectionLifetime Lifetime { get; } = lifetime;

    /// <summary>The bytes of this layer. A read into an empty buffer must wait until there is something to read.</summary>
    protected internal abstract Stream Stream { get; }

    /// <summary>How the transport below has ended, whatever layer is above it; <see cref="CloseReason.None"/> while it is open.</summary>
    protected internal abstract CloseReason TransportEnd { get; }

    /// <summary>
    /// Where continuations of I/O run: on the event loop (true), which saves a thread hop, or on the thread pool (false),
    /// which a layer that blocks or computes for long asks for. A TLS handshake ends with true, whatever was set before.
    /// </summary>
    public abstract bool CompletesInline { get; set; }

    /// <summary>
    /// Completes when there is something to read: data, or the end of the stream. Nothing is rented while a peer is silent.
    /// The result is always 0 and means nothing.
    /// </summary>
    /// <exception cref="IOException">The transport failed, or the connection was aborted.</exception>
    public ValueTask<int> WaitForDataAsync()
    {
        _hasWaited = true;
        return Stream.ReadAsync(Memory<byte>.Empty);
    }

    /// <summary>
    /// Says that the connection is idle, and completes when there is something to read. A graceful shutdown ends the connection here,
    /// and from the first byte that is read after it to the next call nowhere: in between the connection is busy, however long the
    /// handler takes, until the time of the shutdown is over.
    /// </summary>
    /// <exception cref="IOException">The transport failed, or the connection was aborted.</exception>
    public ValueTask WaitForNextMessageAsync()
    {
        Lifetime.Activity.EndMessage();
        ValueTask<int> wait = WaitForDataAsync();
        if (!wait.IsCompletedSuccessfully) return AwaitData(wait);
        wait.GetAwaiter().GetResult();
        return ValueTask.CompletedTask;
    }

    /// <summary>Says that the connection is busy and a graceful shutdown has to wait, until the scope is disposed.</summary>
    public BusyScope BeginWork() => new(Lifetime.Activity);

    /// <summary>
    /// From now on a clock runs, until what is returned is disposed: when the time is over the connection is aborted
    /// (<see cref="CloseReason.OperationTimeout"/>), and what is under way fails. One at a time: another one replaces it.
    /// </summary>
    /// <param name="time">The time; a sweep is late by a second at most.</param>
    public OperationLimit LimitTime(TimeSpan time) => new(Lifetime, time);

    /// <summary>The connection as a stream. Reads and writes are asynchronous only; a cancelled one aborts the connection.</summary>
    public Stream AsStream() => _asStream ??= new ConnectionStream(this);

    /// <summary>
    /// A buffer from the engine's slabs, whose size follows this connection's traffic (4 KB, or 64 KB while reads fill it).
    /// Dispose returns it; a second Dispose is an error.
    /// </summary>
    public IMemoryOwner<byte> RentBuffer() => Lifetime.Services.Buffers.Rent(_readSize.Bytes);

    /// <summary>A buffer from the engine's slabs. Dispose returns it; a second Dispose is an error.</summary>
    /// <param name="minimum">Bytes wanted, from 0; it has at least as many.</param>
    public IMemoryOwner<byte> RentBuffer(int minimum) => Lifetime.Services.Buffers.Rent(minimum);

    /// <summary>Reads what there is, up to the size of <paramref name="buffer"/>.</summary>
    /// <returns>The number of bytes; 0 at the end of the stream, and <see cref="EndOfStream"/> says which end it was.</returns>
    /// <exception cref="IOException">The transport failed, a record was bad, or the connection was aborted.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        // Only a wait can be ended by a stop, so one comes before each read: the handler's own, or this.
        if (!_hasWaited && !Lifetime.Activity.IsBusy && !buffer.IsEmpty) return WaitAndReadAsync(buffer);
        _hasWaited = false;
        ValueTask<int> read = Stream.ReadAsync(buffer);
        return read.IsCompletedSuccessfully
            ? new ValueTask<int>(CountRead(read.Result, buffer.Length))
            : AwaitRead(read, buffer.Length);
    }

    /// <summary>Writes all of <paramref name="data"/>; completes when the transport has taken it.</summary>
    /// <exception cref="IOException">The transport failed, or the connection was aborted.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> data)
    {
        ValueTask write = Stream.WriteAsync(data);
        if (!write.IsCompletedSuccessfully) return AwaitWrite(write, data.Length);
        write.GetAwaiter().GetResult();
        Io.CountWrite(data.Length);
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the connection at once, from any thread. The first reason given is the one that stands.</summary>
    public void Abort(CloseReason reason, string? detail = null)
    {
        Lifetime.TryEnd(reason, detail);
        AbortTransport();
    }

    /// <summary>
    /// From now on reading comes to an end as soon as it would have to wait; a wait under way ends at once. What is not over after the
    /// close timeout (<see cref="EngineOptions.CloseTimeout"/>) is aborted. May be called from any thread. A transport that cannot end a
    /// wait leaves the end to the peer.
    /// </summary>
    public virtual void EndWhenIdle()
    {
    }

    /// <summary>
    /// For a connection without a handler, which <see cref="Hosting.EngineClient"/> opened: closes it, and completes when it is closed and
    /// has given back what it held. Otherwise the end of the handler is the end of the connection, and this does nothing.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Lifetime.Holder?.ReleaseAsync() ?? ValueTask.CompletedTask;
    }

    /// <summary>Gives bytes back that were read too far: the next reads give them again. Only before anything above has read.</summary>
    internal virtual void Unread(ReadOnlyMemory<byte> data) => throw new NotSupportedException("This transport takes nothing back.");

    /// <summary>Makes all I/O under way fail; may be called more than once and from any thread.</summary>
    protected internal abstract void AbortTransport();

    /// <summary>What a read of 0 bytes meant on this layer.</summary>
    private protected virtual CloseReason DescribeEndOfStream() => TransportEnd;

    private int CountRead(int read, int requested)
    {
        if (read > 0)
        {
            Io.CountRead(read);
            if (Lifetime.Activity.IsSaid) Lifetime.Activity.BeginMessage();
            _readSize.Observe(read, requested);
            // A sender cuts a long message into records of the largest size (RFC 8446 section 5.1), the last one aside.
            Lifetime.ExpectsMore = read % MaxRecordPlaintext == 0;
        }
        else if (requested > 0 && Lifetime.EndOfStream == CloseReason.None)
        {
            Lifetime.EndOfStream = DescribeEndOfStream();
            ThrowIfAborted();
        }

        return read;
    }

    // A socket that is closed under a read can make it look like the end of the stream, which it is only when this side ends in order.
    private void ThrowIfAborted()
    {
        bool isInOrder = TransportEnd is CloseReason.Drained or CloseReason.IdleTimeout or CloseReason.LifetimeEnded;
        if (!isInOrder && Lifetime.End is { Reason: not CloseReason.None } end)
            throw new IOException($"The connection was aborted: {end}");
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAndReadAsync(Memory<byte> buffer)
    {
        await WaitForDataAsync();
        return await ReadAsync(buffer);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask AwaitData(ValueTask<int> wait) => await wait;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitRead(ValueTask<int> read, int requested) => CountRead(await read, requested);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AwaitWrite(ValueTask write, int bytes)
    {
        await write;
        Io.CountWrite(bytes);
    }
}
