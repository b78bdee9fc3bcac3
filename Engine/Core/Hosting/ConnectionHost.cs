using System.Net;
using System.Net.Sockets;
using RawEcho.Engine.Buffers;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Runs connections, whichever side opened them: gives each its args and buffers, hands it to its handler, enforces the
/// deadlines, and sees it to its one ending. Owns the pools, the listeners and the counters.
/// </summary>
public sealed class ConnectionHost : IAsyncDisposable
{
    private readonly EngineOptions _options;
    private readonly ContainedObserver _observer;
    private readonly SocketOperationPool _operations;
    private readonly BufferPool _buffers;
    private readonly MessagePool _messages;
    private readonly ConnectionServices _accepting;
    private readonly ConnectionServices _connecting;
    private readonly ConnectionTable _table;
    private readonly ConnectionSweep _sweep;
    private readonly EngineTelemetry _telemetry;
    private readonly Lock _listening = new();
    private readonly List<ActiveListener> _listeners = [];
    private DescriptorReserve? _descriptors;
    private int _disposed;

    /// <param name="options">How to work.</param>
    /// <param name="observers">Are told what happens, in this order.</param>
    /// <exception cref="EngineOptionException">An option has a value that cannot be.</exception>
    public ConnectionHost(EngineOptions options, params IReadOnlyList<IConnectionObserver> observers)
    {
        MaxConnections = Math.Min(options.Validated().MaxConnections, DescriptorReserve.RoomForConnections());
        _options = options = options with { MaxConnections = MaxConnections };
        _observer = new ContainedObserver(observers);
        _operations = new SocketOperationPool(options.MaxConnections, Math.Min(options.PreallocatedConnections, options.MaxConnections));
        _buffers = new BufferPool(options.MaxBufferBytes);
        _messages = new MessagePool(options.Messages.BlockBytes, options.Messages.MaxPooledBytes);
        _table = new ConnectionTable(options.MaxConnections, options.MaxConnectionsPerAddress);
        Handshakes = new HandshakeGate(
            options.MaxHandshakes == 0 ? Environment.ProcessorCount : options.MaxHandshakes, options.MaxHandshakeQueue,
            options.MaxHandshakeWait, TimeProvider.System);
        _telemetry = new EngineTelemetry(Count, options.PublishMetrics);
        _connecting = new ConnectionServices(_buffers)
        {
            Messages = _messages,
            MessageOptions = options.Messages,
            CloseTimeout = options.CloseTimeout,
            HandshakeLimits = new HandshakeLimits(Gate: null, options.MaxHandshakeBytes),
            Phases = new PhaseReporter(_telemetry, _observer),
            Open = _table,
        };
        _accepting = _connecting with { IsAccepted = true, HandshakeLimits = new HandshakeLimits(Handshakes, options.MaxHandshakeBytes) };
        _sweep = new ConnectionSweep(options, _table, Handshakes, new MemoryTrim(_buffers, _operations), _observer);
        _sweep.Start();
    }

    /// <summary>All counts at this moment.</summary>
    public EngineStatistics Statistics => _telemetry.Snapshot();

    /// <summary>Most connections open at a time: what the options say, or what file descriptors leave room for, if that is less.</summary>
    public int MaxConnections { get; }

    /// <summary>All connections.</summary>
    internal ConnectionTable Connections => _table;

    /// <summary>Bounds the handshakes of accepted connections.</summary>
    internal HandshakeGate Handshakes { get; }

    /// <summary>Listens on an address and hands every connection to <paramref name="handler"/>.</summary>
    /// <param name="endPoint">Address and port; port 0 for any that is free.</param>
    /// <param name="handler">Serves the connections.</param>
    /// <param name="dualMode">
    /// True to take IPv4 as well, where the address is IPv6's for any; a peer of IPv4 has its IPv4 address then, too.
    /// </param>
    /// <returns>The address with the port that was really taken.</returns>
    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    public IPEndPoint Listen(IPEndPoint endPoint, IConnectionHandler handler, bool dualMode = false)
    {
        EngineProcess.EnsureConfigured();
        Socket socket = ListeningSocket.Open(endPoint, _options.Backlog, dualMode);
        try
        {
            return Listen(socket, handler);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Accepts from a socket that listens already, and hands every connection to <paramref name="handler"/>.</summary>
    /// <param name="listening">
    /// See <see cref="ListeningSocket"/>. The host closes it when it stops listening. One that another process uses too must be inheritable
    /// (fcntl(2), without FD_CLOEXEC): otherwise .NET may shut it down for both.
    /// </param>
    /// <param name="handler">Serves the connections.</param>
    /// <returns>Its address.</returns>
    public IPEndPoint Listen(Socket listening, IConnectionHandler handler)
    {
        EngineProcess.EnsureConfigured();
        lock (_listening)
        {
            if (_descriptors is null)
            {
                _descriptors = new DescriptorReserve(MaxConnections);
                PoolThreads.Start();
            }

            var listener = new SocketListener(listening, _operations);
            var loop = new AcceptLoop(listener, _descriptors, (socket, hasRoom) => Admit(socket, hasRoom, handler), _observer);
            _listeners.Add(new ActiveListener(listener, loop));
            return listener.EndPoint;
        }
    }

    /// <summary>
    /// Stops accepting on one address, and gives its socket back; connections that are open go on. Completes when no connection of that
    /// address is accepted any more. Does nothing where this host does not listen.
    /// </summary>
    /// <param name="endPoint">What <see cref="Listen(Socket, IConnectionHandler)"/> returned.</param>
    public async Task StopListeningAsync(IPEndPoint endPoint)
    {
        ActiveListener? listener;
        lock (_listening) listener = _listeners.Find(l => l.EndPoint.Equals(endPoint));
        if (listener is null) return;
        await listener.DisposeAsync();
        lock (_listening) _listeners.Remove(listener);
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
        IPEndPoint remote, IConnectionHandler handler, object? state = null, IPAddress? source = null,
        CancellationToken cancellation = default) =>
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
    public Task<ConnectionEnd> ConnectAsync(
        ServerAddresses server, IConnectionHandler handler, object? state = null, Func<AddressFamily, IPAddress?>? source = null,
        CancellationToken cancellation = default) =>
        ConnectAsync(server, handler, state, new ConnectOptions { Source = source }, cancellation);

    /// <summary>Opens a connection to the address of a server that answers first and hands it to <paramref name="handler"/>.</summary>
    /// <param name="server">The server's addresses.</param>
    /// <param name="handler">Serves the connection.</param>
    /// <param name="state">What the handler finds in <see cref="Connection.State"/>.</param>
    /// <param name="options">Where to connect from, and who is told what came of each address; the rest is the handler's.</param>
    /// <param name="cancellation">Gives up while TCP is connecting; later, abort the connection.</param>
    internal async Task<ConnectionEnd> ConnectAsync(
        ServerAddresses server, IConnectionHandler handler, object? state, ConnectOptions options, CancellationToken cancellation)
    {
        EngineProcess.EnsureConfigured();
        using ConnectionLease lease = _table.TryTake(peer: null, out _)
            ?? throw new ConnectException(server.All[0], SocketError.TooManyOpenSockets);
        DialedSocket dialed = await server.ConnectAsync(
            (remote, end) => SocketConnector.ConnectAsync(
                remote, options.Source?.Invoke(remote.AddressFamily), _options.ConnectTimeout, _operations, end),
            options.OnDialed,
            cancellation);
        SocketConnection connection = TryOpen(lease, dialed.Socket, _connecting, state)
            ?? throw new ConnectException(dialed.Address, SocketError.ConnectionReset);
        connection.Lifetime.ConnectStartedAt = dialed.StartedAt;
        _table.Add(lease, connection);
        await RunAsync(connection, handler);
        return connection.Lifetime.End;
    }

    /// <summary>
    /// Shuts down gracefully: accepts no more connections, ends each open one as soon as it is idle, and aborts what is still busy when the
    /// time is over.
    /// </summary>
    /// <param name="drain">How long that may take; zero to abort all at once, Timeout.InfiniteTimeSpan to wait for the last one.</param>
    public async Task StopAsync(TimeSpan drain)
    {
        await StopAcceptingAsync();
        await new ConnectionDrain(_table, drain).RunAsync();
    }

    /// <summary>Aborts what is open and gives everything back. A second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        // Pairs with itself: of several calls one disposes.
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await StopAsync(TimeSpan.Zero);
        await _sweep.DisposeAsync();
        _descriptors?.Dispose();
        _telemetry.Dispose();
        _messages.Dispose();
    }

    private async Task StopAcceptingAsync()
    {
        ActiveListener[] listeners;
        lock (_listening) listeners = [.. _listeners];
        await Task.WhenAll(listeners.Select(l => l.DisposeAsync().AsTask()));
    }

    /// <summary>Lets an accepted connection in, or refuses it. Whatever throws, the caller closes the socket.</summary>
    private void Admit(Socket socket, bool hasDescriptors, IConnectionHandler handler)
    {
        EndPoint? remote = TryGetRemote(socket);
        CloseReason refusal = CloseReason.RefusedDescriptors;
        EndPoint? counted = handler is IPreambleHandler preamble && preamble.TellsAddress(remote) ? null : remote;
        ConnectionLease? lease = hasDescriptors ? _table.TryTake(counted, out refusal) : null;
        if (lease is null)
        {
            // Counted and told first: then whoever sees the end of the connection finds both done.
            _table.CountRefused(refusal);
            _observer.OnRefused(remote, refusal);
            socket.Dispose();
            return;
        }

        SocketConnection? connection = null;
        try
        {
            connection = TryOpen(lease, socket, _accepting, state: null);
            if (connection is null)
            {
                lease.Dispose();
                return;
            }

            _table.Add(lease, connection);
            ThreadPool.UnsafeQueueUserWorkItem(
                static work => _ = work.Host.RunAcceptedAsync(work.Lease, work.Connection, work.Handler),
                (Host: this, Lease: lease, Connection: connection, Handler: handler),
                preferLocal: false);
        }
        catch (Exception e)
        {
            connection?.Abort(CloseReason.TransportError, $"It could not be served: {e.Message}");
            connection?.Lifetime.Conclude();
            // Nothing of it is under way, so this is done at once.
            _ = connection?.FreeAsync().AsTask();
            lease.Dispose();
            throw;
        }
    }

    // Null when the peer had already gone: then its address cannot be asked for any more.
    private SocketConnection? TryOpen(ConnectionLease lease, Socket socket, ConnectionServices services, object? state)
    {
        try
        {
            return new SocketConnection(lease.Id, socket, _operations, services, state);
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is SocketException or IOException) return null;
            throw;
        }
    }

    private async Task RunAcceptedAsync(ConnectionLease lease, SocketConnection connection, IConnectionHandler handler)
    {
        using (lease) await RunAsync(connection, handler);
    }

    /// <summary>The life of a connection, from its first byte to the return of its last buffer. Does not throw.</summary>
    private async Task RunAsync(SocketConnection connection, IConnectionHandler handler)
    {
        ConnectionLifetime lifetime = connection.Lifetime;
        bool failed = false;
        try
        {
            if (handler is not IPreambleHandler) lifetime.Advance(ConnectionPhase.Open);
            await handler.HandleAsync(connection);
        }
        catch (Exception e)
        {
            failed = true;
            if (!ConnectionFailure.TryEnd(lifetime, e)) _observer.OnHandlerFault(lifetime, e);
        }

        // Tells the observer, unless a layer that closes by itself has done so.
        lifetime.Conclude();
        await CloseAsync(connection, abort: failed);
    }

    private async Task CloseAsync(SocketConnection connection, bool abort)
    {
        try
        {
            if (abort) connection.AbortTransport();
            await connection.CloseAsync();
        }
        catch (Exception e)
        {
            // A defect of the engine. Even then the slot is free again, and somebody hears of it.
            _observer.OnHandlerFault(connection.Lifetime, e);
        }

        try
        {
            await connection.FreeAsync();
        }
        catch (Exception e)
        {
            _observer.OnHandlerFault(connection.Lifetime, e);
        }
    }

    private EngineStatistics Count()
    {
        (int free, int inUse) = _operations.Count;
        return _table.Count() with
        {
            HandshakesWaiting = Handshakes.Waiting,
            ObserverFaults = _observer.Faults,
            Messages = _messages.Count,
            Pools = new PoolCounts(free, inUse, _buffers.Free, _buffers.InUse),
        };
    }

    private static EndPoint? TryGetRemote(Socket socket)
    {
        try
        {
            return PlainAddress.Of(socket.RemoteEndPoint);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
