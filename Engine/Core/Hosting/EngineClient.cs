using System.Net;
using System.Runtime.CompilerServices;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Opens connections. <see cref="ConnectAsync(IPEndPoint, CancellationToken)"/> is for code that holds on to a connection itself: it
/// returns when the handshake is complete, continuations of the connection's I/O run on the thread pool, and disposing the connection
/// closes it. <see cref="RunAsync"/> hands the connection to a handler, on an event loop, as a server does.
/// </summary>
public sealed class EngineClient : IAsyncDisposable
{
    private readonly ConnectionHost _host;
    private readonly IConnectionHandler _plain = new Dispatcher();
    private readonly TlsClientOptions? _tls;

    // One handler for each options object: its connections resume each other's sessions.
    private readonly ConditionalWeakTable<TlsClientOptions, TlsClientHandler> _handlers = [];

    /// <param name="tls">Mutual TLS, or without an identity TLS with the server's certificate alone; null for no TLS.</param>
    /// <param name="options">How to work; null for the defaults.</param>
    /// <param name="observers">Are told what happens, in this order.</param>
    /// <exception cref="EngineOptionException">An option has a value that cannot be.</exception>
    public EngineClient(TlsClientOptions? tls, EngineOptions? options = null, params IReadOnlyList<IConnectionObserver> observers)
    {
        _tls = tls;
        _host = new ConnectionHost(options ?? new EngineOptions(), observers);
    }

    /// <summary>All counts at this moment.</summary>
    public EngineStatistics Statistics => _host.Statistics;

    /// <summary>Most connections open at a time: what the options say, or what file descriptors leave room for, if that is less.</summary>
    public int MaxConnections => _host.MaxConnections;

    /// <summary>Opens a connection.</summary>
    /// <param name="remote">Address and port.</param>
    /// <param name="cancellation">Gives up; once the method has returned, dispose or abort the connection instead.</param>
    /// <returns>
    /// The connection. Dispose it: that closes it and gives back what it holds, within <see cref="EngineOptions.CloseTimeout"/>.
    /// </returns>
    /// <exception cref="ConnectException">TCP did not connect, or <see cref="EngineOptions.MaxConnections"/> are open.</exception>
    /// <exception cref="ConnectionEndedException">The handshake did not succeed; says why.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> asked to give up.</exception>
    public Task<Connection> ConnectAsync(IPEndPoint remote, CancellationToken cancellation = default) =>
        ConnectAsync(new ServerAddresses(remote), options: null, cancellation);

    /// <summary>Opens a connection to the address of a server that answers first.</summary>
    /// <param name="server">The server's addresses.</param>
    /// <param name="options">What is different for this connection; null for nothing.</param>
    /// <param name="cancellation">Gives up; once the method has returned, dispose or abort the connection instead.</param>
    /// <inheritdoc cref="ConnectAsync(IPEndPoint, CancellationToken)"/>
    public async Task<Connection> ConnectAsync(
        ServerAddresses server, ConnectOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new ConnectOptions();
        var handover = new Handover(options, cancellation);
        Task<ConnectionEnd> life = handover.Life = _host.ConnectAsync(server, HandlerFor(options), handover, options, cancellation);
        if (await Task.WhenAny(handover.Opened, life) == handover.Opened) return await handover.Opened;
        ConnectionEnd end = await life;
        cancellation.ThrowIfCancellationRequested();
        throw new ConnectionEndedException(end);
    }

    /// <summary>Opens a connection to the address of a server that answers first, and hands it to <paramref name="handler"/>.</summary>
    /// <param name="server">The server's addresses.</param>
    /// <param name="handler">Serves the connection once its handshake is complete.</param>
    /// <param name="options">What is different for this connection; null for nothing.</param>
    /// <param name="cancellation">Gives up while TCP is connecting; later, abort the connection.</param>
    /// <returns>When the connection has ended, in the handshake or later: how.</returns>
    /// <exception cref="ConnectException">TCP did not connect, or <see cref="EngineOptions.MaxConnections"/> are open.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> asked to give up.</exception>
    public Task<ConnectionEnd> RunAsync(
        ServerAddresses server, IConnectionHandler handler, ConnectOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        options ??= new ConnectOptions();
        return _host.ConnectAsync(
            server, HandlerFor(options), new Served(handler, options), options, cancellation);
    }

    /// <summary>Ends the connections in order, as <see cref="ConnectionHost.StopAsync"/> does.</summary>
    /// <param name="drain">How long that may take; zero to abort all at once, Timeout.InfiniteTimeSpan to wait for the last one.</param>
    public Task StopAsync(TimeSpan drain) => _host.StopAsync(drain);

    /// <summary>Aborts the connections that are still open, and gives everything back.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private Opener HandlerFor(ConnectOptions options) =>
        (options.Tls ?? _tls) is { } tls ? new Opener(_handlers.GetValue(tls, t => new TlsClientHandler(_plain, t))) : new Opener(_plain);

    /// <summary>What becomes of a connection whose handshake is complete. Is its <see cref="Connection.State"/> until then.</summary>
    private abstract class Purpose(ConnectOptions options)
    {
        public ConnectOptions Options => options;

        /// <summary>Gives the handshake up when it is cancelled; the default for never.</summary>
        public virtual CancellationToken Cancellation => default;

        public abstract Task UseAsync(Connection connection);
    }

    /// <summary>The connection is served by a handler.</summary>
    private sealed class Served(IConnectionHandler handler, ConnectOptions options) : Purpose(options)
    {
        public override Task UseAsync(Connection connection)
        {
            connection.Lifetime.SetState(Options.State);
            return handler.HandleAsync(connection);
        }
    }

    /// <summary>The connection goes to whoever asked for it: the engine's handler waits until it is released.</summary>
    private sealed class Handover(ConnectOptions options, CancellationToken cancellation) : Purpose(options), IConnectionHolder
    {
        private readonly TaskCompletionSource<Connection> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override CancellationToken Cancellation => _opened.Task.IsCompleted ? default : cancellation;

        public Task<Connection> Opened => _opened.Task;

        public Task<ConnectionEnd> Life { get; set; } = Task.FromResult<ConnectionEnd>(default);

        public async ValueTask ReleaseAsync()
        {
            _released.TrySetResult();
            await Life;
        }

        public override async Task UseAsync(Connection connection)
        {
            connection.CompletesInline = false;
            connection.Lifetime.Holder = this;
            connection.Lifetime.SetState(Options.State);
            // A connection that was aborted is over, whether its holder has noticed or not.
            await using CancellationTokenRegistration ended = connection.Ended.UnsafeRegister(
                static h => ((Handover)h!)._released.TrySetResult(), this);
            _opened.SetResult(connection);
            await _released.Task;
        }
    }

    /// <summary>Until the handshake is complete, giving up aborts the connection.</summary>
    private sealed class Opener(IConnectionHandler next) : IConnectionHandler
    {
        public async Task HandleAsync(Connection connection)
        {
            var purpose = (Purpose)connection.State!;
            connection.Lifetime.Trace = purpose.Options.Trace;
            await using CancellationTokenRegistration giveUp = purpose.Cancellation.UnsafeRegister(GiveUp, (connection, purpose));
            if (purpose.Options.BeforeTls is { } prepare && !await prepare(connection)) return;
            await next.HandleAsync(connection);
        }

        private static void GiveUp(object? state)
        {
            var (connection, purpose) = ((Connection, Purpose))state!;
            if (purpose.Cancellation.CanBeCanceled) connection.Abort(CloseReason.LocalClosed, "Connecting was cancelled.");
        }
    }

    private sealed class Dispatcher : IConnectionHandler
    {
        public Task HandleAsync(Connection connection) => ((Purpose)connection.State!).UseAsync(connection);
    }
}
