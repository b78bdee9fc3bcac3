using System.Net;
using System.Net.Sockets;
using RawEcho.Engine.Buffers;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Runs connections, whichever side opened them: gives each its args and buffers, hands it to its handler, enforces the
/// deadlines, and sees it to its one ending. Owns the pools, the listeners and the counters.
/// </summary>
public sealed class ConnectionHost : IAsyncDisposable
{
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(20);

    private readonly EngineOptions _options;
    private readonly IConnectionObserver _observer;
    private readonly SocketOperationPool _operations;
    private readonly BufferPool _buffers;
    private readonly ConnectionRegistry _registry;
    private readonly AddressCounts _addresses;
    private readonly HandshakeLimits _limitsOfAccepted;
    private readonly HandshakeLimits _limitsOfConnected;
    private readonly EngineTelemetry _telemetry;
    private readonly MemoryTrim _trim = new();
    private readonly List<SocketListener> _listeners = [];
    private readonly List<Task> _acceptLoops = [];
    private readonly CancellationTokenSource _stopAccepting = new();
    private readonly PeriodicTimer _clock;
    private readonly Task _deadlines;
    private long _lastId;
    private int _disposed;

    /// <param name="options">How to work.</param>
    /// <param name="observer">Is told what happens; null for nobody.</param>
    /// <exception cref="EngineOptionException">An option has a value that cannot be.</exception>
    /// <exception cref="InvalidOperationException">The process already runs another number of event loops.</exception>
    public ConnectionHost(EngineOptions options, IConnectionObserver? observer = null)
    {
        const int argsPerConnection = 2;
        const int argsForListenersAndConnects = 64;
        MaxConnections = Math.Min(options.Validated().MaxConnections, DescriptorLimit.RoomForConnections());
        _options = options = options with { MaxConnections = MaxConnections };
        _observer = observer ?? new Nobody();
        EventLoops.Configure(options.EventLoops);
        _operations = new SocketOperationPool(
            (argsPerConnection * options.MaxConnections) + argsForListenersAndConnects,
            argsPerConnection * Math.Min(options.PreallocatedConnections, options.MaxConnections));
        _buffers = new BufferPool(options.MaxBufferBytes);
        _registry = new ConnectionRegistry(options);
        _addresses = new AddressCounts(options.MaxConnectionsPerAddress);
        Handshakes = new HandshakeGate(options.MaxHandshakes == 0 ? Environment.ProcessorCount : options.MaxHandshakes, options.MaxHandshakeQueue);
        _limitsOfAccepted = new HandshakeLimits(Handshakes, options.MaxHandshakeBytes);
        _limitsOfConnected = new HandshakeLimits(Gate: null, options.MaxHandshakeBytes);
        _telemetry = new EngineTelemetry(CountPools, () => Handshakes.Waiting);
        _clock = new PeriodicTimer(TickFor(options));
        _deadlines = EnforceDeadlinesAsync();
    }

    /// <summary>All counts at this moment.</summary>
    public EngineStatistics Statistics => _telemetry.Snapshot();

    /// <summary>Most connections open at a time: what the options say, or what file descriptors leave room for, if that is less.</summary>
    public int MaxConnections { get; }

    /// <summary>Bounds the handshakes of accepted connections.</summary>
    internal HandshakeGate Handshakes { get; }

    /// <summary>Listens on an address and hands every connection to <paramref name="handler"/>.</summary>
    /// <param name="endPoint">Address and port; port 0 for any that is free.</param>
    /// <param name="handler">Serves the connections.</param>
    /// <returns>The address with the port that was really taken.</returns>
    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    public IPEndPoint Listen(IPEndPoint endPoint, IConnectionHandler handler)
    {
        var listener = new SocketListener(endPoint, _options.Backlog, _operations);
        _listeners.Add(listener);
        var loop = new AcceptLoop(listener, socket => Admit(socket, handler), _observer);
        _acceptLoops.Add(loop.RunAsync(_stopAccepting.Token));
        return listener.EndPoint;
    }

    /// <summary>Opens a connection and hands it to <paramref name="handler"/>.</summary>
    /// <param name="remote">Address and port.</param>
    /// <param name="handler">Serves the connection.</param>
    /// <param name="state">What the handler finds in <see cref="Connection.State"/>.</param>
    /// <param name="source">The local address to connect from; null for what the system chooses.</param>
    /// <param name="cancellation">Gives up while TCP is connecting; later, abort the connection.</param>
    /// <returns>When the connection has ended: how.</returns>
    /// <exception cref="ConnectException">It did not come about, or <see cref="MaxConnections"/> are open.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> asked to give up.</exception>
    public Task<ConnectionEnd> ConnectAsync(
        IPEndPoint remote, IConnectionHandler handler, object? state = null, IPAddress? source = null, CancellationToken cancellation = default) =>
        ConnectAsync(new ServerAddresses(remote), handler, state, _ => source, cancellation);

    /// <summary>Opens a connection to the address of a server that answers first and hands it to <paramref name="handler"/>.</summary>
    /// <param name="server">The server's addresses.</param>
    /// <param name="handler">Serves the connection.</param>
    /// <param name="state">What the handler finds in <see cref="Connection.State"/>.</param>
    /// <param name="source">The local address to connect from, by its family; null for what the system chooses.</param>
    /// <param name="cancellation">Gives up while TCP is connecting; later, abort the connection.</param>
    /// <returns>When the connection has ended: how.</returns>
    /// <exception cref="ConnectException">It did not come about, or <see cref="MaxConnections"/> are open.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> asked to give up.</exception>
    public async Task<ConnectionEnd> ConnectAsync(
        ServerAddresses server, IConnectionHandler handler, object? state = null, Func<AddressFamily, IPAddress?>? source = null,
        CancellationToken cancellation = default)
    {
        if (!_registry.TryReserve()) throw new ConnectException(server.All[0], SocketError.TooManyOpenSockets);
        SocketConnection connection;
        try
        {
            DialedSocket dialed = await server.ConnectAsync(
                (remote, end) => SocketConnector.ConnectAsync(remote, source?.Invoke(remote.AddressFamily), _options.ConnectTimeout, _operations, end),
                cancellation);
            connection = Open(dialed.Socket, state) ?? throw new ConnectException(dialed.Address, SocketError.ConnectionReset);
            connection.Lifetime.ConnectStartedAt = dialed.StartedAt;
        }
        catch
        {
            _registry.Release();
            throw;
        }

        connection.Lifetime.HandshakeLimits = _limitsOfConnected;
        _telemetry.Opened(connection.Lifetime, accepted: false);
        _registry.Add(connection);
        await RunAsync(connection, handler);
        _registry.Release();
        return connection.Lifetime.End;
    }

    /// <summary>
    /// Stops in order: no more connections are accepted; each one open ends at the next moment at which nothing of it is
    /// in hand; what is still at work when the time is over is aborted.
    /// </summary>
    /// <param name="drain">How long that may take; zero to abort all at once, Timeout.InfiniteTimeSpan to wait for the last one.</param>
    public async Task StopAsync(TimeSpan drain)
    {
        await StopAcceptingAsync();
        await new Drain(_registry, drain).RunAsync();
    }

    /// <summary>Aborts what is open and gives everything back. A second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await StopAsync(TimeSpan.Zero);
        _clock.Dispose();
        await _deadlines;
        _telemetry.Dispose();
        _stopAccepting.Dispose();
    }

    private async Task StopAcceptingAsync()
    {
        await _stopAccepting.CancelAsync();
        foreach (SocketListener listener in _listeners) listener.Dispose();
        await Task.WhenAll(_acceptLoops);
    }

    private void Admit(Socket socket, IConnectionHandler handler)
    {
        EndPoint? remote = TryGetRemote(socket);
        CloseReason refusal = Reserve(remote);
        if (refusal != CloseReason.None)
        {
            socket.Dispose();
            _telemetry.Refused(refusal);
            _observer.OnRefused(remote, refusal);
            return;
        }

        SocketConnection? connection = Open(socket, state: null);
        if (connection is null)
        {
            Release(remote);
            return;
        }

        connection.Lifetime.HandshakeLimits = _limitsOfAccepted;
        _telemetry.Opened(connection.Lifetime, accepted: true);
        _registry.Add(connection);
        ThreadPool.UnsafeQueueUserWorkItem(
            static work => _ = work.Host.RunAcceptedAsync(work.Connection, work.Handler),
            (Host: this, Connection: connection, Handler: handler),
            preferLocal: false);
    }

    private CloseReason Reserve(EndPoint? remote)
    {
        if (!_registry.TryReserve()) return CloseReason.Refused;
        if (_addresses.TryAdd(remote)) return CloseReason.None;
        _registry.Release();
        return CloseReason.RefusedAddress;
    }

    private void Release(EndPoint? remote)
    {
        _addresses.Remove(remote);
        _registry.Release();
    }

    // Null when the peer had already gone: its address can no longer be asked for.
    private SocketConnection? Open(Socket socket, object? state)
    {
        try
        {
            return new SocketConnection(Interlocked.Increment(ref _lastId), socket, _operations, _buffers, _telemetry, _options.CloseTimeout, state);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            socket.Dispose();
            return null;
        }
    }

    private async Task RunAcceptedAsync(SocketConnection connection, IConnectionHandler handler)
    {
        await RunAsync(connection, handler);
        Release(connection.RemoteEndPoint);
    }

    /// <summary>The life of a connection, from its first byte to the return of its last buffer.</summary>
    private async Task RunAsync(SocketConnection connection, IConnectionHandler handler)
    {
        ConnectionLifetime lifetime = connection.Lifetime;
        try
        {
            lifetime.Established = true;
            await handler.HandleAsync(connection);
        }
        catch (Exception e)
        {
            bool expected = lifetime.TryEndBy(e);
            if (!expected) _observer.OnHandlerFault(lifetime, e);
            connection.AbortTransport();
        }

        lifetime.Conclude();
        _observer.OnClosed(lifetime);
        try
        {
            await connection.CloseAsync();
            await connection.DisposeAsync();
        }
        catch (Exception e)
        {
            // A defect of the engine; even then the slot is free again, and somebody hears of it.
            connection.AbortTransport();
            _observer.OnHandlerFault(lifetime, e);
        }

        _registry.Remove(connection);
        _telemetry.Closed(lifetime);
    }

    private async Task EnforceDeadlinesAsync()
    {
        while (await _clock.WaitForNextTickAsync())
        {
            long now = Environment.TickCount64;
            long lastProgress = _registry.EnforceDeadlines(now);
            if (_options.TrimMemoryWhenQuiet) _trim.TrimIfQuiet(Volatile.Read(ref _lastId), lastProgress, now);
        }
    }

    private PoolCounts CountPools()
    {
        (int free, int inUse) = _operations.Count;
        return new PoolCounts(free, inUse, _buffers.Free, _buffers.InUse);
    }

    // A quarter of the shortest limit: a deadline is kept within that, and nothing ticks faster than anyone asked for.
    private static TimeSpan TickFor(EngineOptions options)
    {
        TimeSpan[] limits = [options.IdleTimeout, options.WriteTimeout, options.CloseTimeout, options.MaxLifetime];
        TimeSpan shortest = limits.Where(l => l != Timeout.InfiniteTimeSpan).DefaultIfEmpty(LongestTick).Min() / 4;
        return shortest > LongestTick ? LongestTick : shortest < ShortestTick ? ShortestTick : shortest;
    }

    private static EndPoint? TryGetRemote(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private sealed class Nobody : IConnectionObserver;
}
