using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RawEcho.Engine.Proxy;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.Hosting;

/// <summary>
/// Runs a handler under the Generic Host: listens when the application starts, and shuts down gracefully when it stops. Registered by
/// services.AddRawEcho.
/// </summary>
public sealed partial class RawEchoServer : IHostedService, IAsyncDisposable
{
    private readonly RawEchoServerOptions _options;
    private readonly ILogger _logger;
    private readonly ConnectionHost _host;
    private readonly IConnectionHandler _handler;
    private readonly TlsServerHandler? _tls;
    private IReadOnlyList<IPEndPoint> _endPoints = [];

    /// <param name="options">How to work.</param>
    /// <param name="handler">Serves the connections.</param>
    /// <param name="logger">Where to log; see <see cref="LoggingObserver"/>.</param>
    /// <param name="observers">Are told what happens, after the log.</param>
    /// <exception cref="EngineOptionException">An option is missing or has a value that cannot be.</exception>
    public RawEchoServer(
        RawEchoServerOptions options, IConnectionHandler handler, ILogger<RawEchoServer> logger,
        params IEnumerable<IConnectionObserver> observers)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validated();
        _logger = logger;
        _host = new ConnectionHost(options.Engine, [new LoggingObserver(logger), .. observers]);
        _tls = options.Tls is { } tls ? new TlsServerHandler(handler, tls) : null;
        IConnectionHandler first = _tls is null ? handler : _tls;
        _handler = options.Proxy is { } proxy ? new ProxyProtocolHandler(first, proxy) : first;
    }

    /// <summary>The addresses with the ports that were really taken; empty before the start.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => _endPoints;

    /// <summary>All counts at this moment.</summary>
    public EngineStatistics Statistics => _host.Statistics;

    /// <summary>Listens on every address.</summary>
    /// <exception cref="ListenException">An address cannot be listened on. The application does not start then.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        List<IPEndPoint> listening = [];
        foreach (IPEndPoint endPoint in _options.EndPoints)
        {
            listening.Add(_host.Listen(endPoint, _handler));
            LogListening(listening[^1], _tls is null ? "without TLS" : "TLS");
        }

        _endPoints = listening;
        if (_tls is not null && !EngineProcess.IsServerSessionCacheOff) LogSessionCache();
        return Task.CompletedTask;
    }

    /// <summary>Shuts down gracefully; see <see cref="IConnectionHandler"/> for what that means to a handler.</summary>
    /// <param name="cancellationToken">What is still open when it is cancelled is aborted.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        LogStopping(_host.Statistics.ConnectionsOpen, _options.DrainTimeout);
        Task graceful = _host.StopAsync(_options.DrainTimeout);
        await using CancellationTokenRegistration giveUp = cancellationToken.UnsafeRegister(
            static h => _ = ((ConnectionHost)h!).StopAsync(TimeSpan.Zero), _host);
        await graceful;
        LogStopped();
    }

    /// <summary>Changes certificate, roots, revocation lists or allow-list; see <see cref="TlsServerHandler.Update"/>.</summary>
    /// <returns>How many connections were ended.</returns>
    /// <exception cref="InvalidOperationException">The server runs without TLS.</exception>
    public int UpdateTls(TlsServerOptions options) =>
        (_tls ?? throw new InvalidOperationException("The server runs without TLS.")).Update(options);

    /// <summary>Aborts what is open and gives everything back.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [LoggerMessage(10, LogLevel.Information, "Listening on {EndPoint} ({Security}).")]
    private partial void LogListening(IPEndPoint endPoint, string security);

    [LoggerMessage(11, LogLevel.Information, "Stopping: {Open} connections are open. They have {DrainTimeout} to end.")]
    private partial void LogStopping(long open, TimeSpan drainTimeout);

    [LoggerMessage(12, LogLevel.Information, "Stopped.")]
    private partial void LogStopped();

    [LoggerMessage(
        13, LogLevel.Warning,
        "The session cache of the TLS library cannot be turned off here: peers that are refused may leave memory behind.")]
    private partial void LogSessionCache();
}
