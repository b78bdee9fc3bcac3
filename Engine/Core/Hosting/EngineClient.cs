using System.Net;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Opens connections for code that holds on to them itself, without a handler: <see cref="ConnectAsync(IPEndPoint, CancellationToken)"/>
/// returns when the handshake is complete, and disposing the connection says goodbye. Continuations of their I/O run on the thread pool, so
/// that code may do as it likes.
/// </summary>
public sealed class EngineClient : IAsyncDisposable
{
    private readonly ConnectionHost _host;
    private readonly IConnectionHandler _handler;

    /// <param name="tls">Mutual TLS, or without an identity TLS with the server's certificate alone; null for no TLS.</param>
    /// <param name="options">How to work; null for the defaults.</param>
    /// <param name="observer">Is told what happens; null for nobody.</param>
    /// <exception cref="EngineOptionException">An option has a value that cannot be.</exception>
    public EngineClient(TlsClientOptions? tls, EngineOptions? options = null, IConnectionObserver? observer = null)
    {
        _host = new ConnectionHost(options ?? new EngineOptions(), observer);
        // One handler for all: its connections resume each other's sessions.
        var holder = new Holder();
        _handler = new Opener(tls is null ? holder : new TlsClientHandler(holder, tls));
    }

    /// <summary>All counts at this moment.</summary>
    public EngineStatistics Statistics => _host.Statistics;

    /// <summary>Opens a connection.</summary>
    /// <param name="remote">Address and port.</param>
    /// <param name="cancellation">Gives up; once the method has returned, dispose or abort the connection instead.</param>
    /// <returns>The connection. Dispose it: that says goodbye and gives back what it holds, within
    /// <see cref="EngineOptions.CloseTimeout"/>.</returns>
    /// <exception cref="ConnectException">TCP did not connect, or <see cref="EngineOptions.MaxConnections"/> are open.</exception>
    /// <exception cref="ConnectionEndedException">The handshake did not succeed; says why.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> asked to give up.</exception>
    public Task<Connection> ConnectAsync(IPEndPoint remote, CancellationToken cancellation = default) =>
        ConnectAsync(new ServerAddresses(remote), cancellation);

    /// <summary>Opens a connection to the address of a server that answers first.</summary>
    /// <inheritdoc cref="ConnectAsync(IPEndPoint, CancellationToken)"/>
    public async Task<Connection> ConnectAsync(ServerAddresses server, CancellationToken cancellation = default)
    {
        var handover = new Handover(cancellation);
        Task<ConnectionEnd> life = handover.Life = _host.ConnectAsync(server, _handler, handover, source: null, cancellation);
        if (await Task.WhenAny(handover.Opened, life) == handover.Opened) return await handover.Opened;
        ConnectionEnd end = await life;
        cancellation.ThrowIfCancellationRequested();
        throw new ConnectionEndedException(end);
    }

    /// <summary>Aborts the connections that are still open, and gives everything back.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>One connection between the engine, which runs a handler, and whoever asked for it.</summary>
    private sealed class Handover(CancellationToken cancellation) : IConnectionHolder
    {
        private readonly TaskCompletionSource<Connection> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken Cancellation => cancellation;

        public Task<Connection> Opened => _opened.Task;

        public Task<ConnectionEnd> Life { get; set; } = Task.FromResult<ConnectionEnd>(default);

        public async ValueTask ReleaseAsync()
        {
            _released.TrySetResult();
            await Life;
        }

        public async Task HoldAsync(Connection connection)
        {
            connection.CompletesInline = false;
            connection.Lifetime.Holder = this;
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
            var handover = (Handover)connection.State!;
            await using CancellationTokenRegistration giveUp = handover.Cancellation.UnsafeRegister(
                static o =>
                {
                    var (connection, handover) = ((Connection, Handover))o!;
                    if (!handover.Opened.IsCompleted) connection.Abort(CloseReason.LocalClosed, "Connecting was cancelled.");
                },
                (connection, handover));
            await next.HandleAsync(connection);
        }
    }

    private sealed class Holder : IConnectionHandler
    {
        public Task HandleAsync(Connection connection) => ((Handover)connection.State!).HoldAsync(connection);
    }
}
