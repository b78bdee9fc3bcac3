using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Proxy;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// Kestrel's way to the engine: listens on IP addresses and on descriptors over one <see cref="ConnectionHost"/>, which is made with the
/// first of them. Other kinds of endpoints are left to the transports that were registered before.
/// </summary>
internal sealed partial class EngineTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector, IAsyncDisposable
{
    private readonly RawEchoTransportOptions _options;
    private readonly ILogger _logger;
    private readonly GuardReporter _guards;
    private readonly IConnectionObserver[] _observers;
    private readonly Lock _lock = new();
    private ConnectionHost? _host;
    private bool _usesEventLoops;
    private bool _isDisposed;

    public EngineTransport(
        IOptions<RawEchoTransportOptions> options, ILoggerFactory logging, IMemoryPoolFactory<byte> memory,
        IEnumerable<IConnectionObserver> observers)
    {
        _options = options.Value;
        _logger = logging.CreateLogger("RawEcho.Engine.AspNetCore");
        _observers = [new LoggingObserver(_logger), .. observers];
        _guards = new GuardReporter(_logger, _options.Guard);
        Expect(Threads);
        Memory = memory.Create(new MemoryPoolOptions { Owner = "kestrel" });
    }

    /// <summary>Where Kestrel takes memory from for its own buffers.</summary>
    public MemoryPool<byte> Memory { get; }

    /// <summary>Where the application's code runs, for endpoints that do not say so.</summary>
    public ApplicationThreads Threads => _options.ApplicationThreads;

    /// <summary>How the PROXY protocol is taken; null for not at all.</summary>
    public ProxyProtocolOptions? Proxy => _options.Proxy;

    /// <summary>True when an endpoint is guarded.</summary>
    public bool IsGuarded { get; private set; }

    /// <summary>Whether an event loop is held by the code of a guarded endpoint for so long that it counts as stalled.</summary>
    public bool HasStalledLoop => IsGuarded && GuardedThread.IsAnyLoopHeldFor(_options.Guard.Stall);

    /// <summary>The engine; null before the first endpoint.</summary>
    public ConnectionHost? Host
    {
        get
        {
            lock (_lock) return _host;
        }
    }

    /// <summary>Says that an endpoint uses other threads than the rest. To be called before the server listens.</summary>
    public void Expect(ApplicationThreads threads)
    {
        lock (_lock)
        {
            _usesEventLoops |= threads != ApplicationThreads.ThreadPool;
            IsGuarded |= threads == ApplicationThreads.Guarded;
        }
    }

    /// <summary>Makes the guard of an endpoint; null for one that is not guarded.</summary>
    public EndpointGuard? CreateGuard(ApplicationThreads threads)
    {
        if (threads != ApplicationThreads.Guarded) return null;
        _guards.Start();
        return new EndpointGuard(_options.Guard, _guards);
    }

    /// <summary>What was registered for the end of a connection, or for its heartbeat, threw.</summary>
    public void ReportFault(string connectionId, Exception fault) => LogFault(fault, connectionId);

    public bool CanBind(EndPoint endpoint) =>
        endpoint is IPEndPoint or FileHandleEndPoint { FileHandleType: FileHandleType.Auto or FileHandleType.Tcp };

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(new EngineListener(this, EnsureHost(), (host, handler) => Listen(host, handler, endpoint)));

    private IPEndPoint Listen(ConnectionHost host, IConnectionHandler handler, EndPoint endpoint) => endpoint switch
    {
        IPEndPoint address when _options.Listening.FirstOrDefault(s => address.Equals(s.LocalEndPoint)) is { } listening =>
            host.Listen(listening, handler),
        // As Kestrel's own transport: any address of IPv6 is any address at all.
        IPEndPoint address => host.Listen(address, handler, dualMode: address.Address.Equals(IPAddress.IPv6Any)),
        // As Kestrel's own transport, again: the descriptor stays that of whoever has opened it.
        FileHandleEndPoint file => host.Listen(ListeningSocket.FromDescriptor((nint)file.FileHandle, owns: false), handler),
        _ => throw new NotSupportedException($"{endpoint} is not an IP address."),
    };

    /// <summary>Kestrel has ended its connections before; what is left is waiting for the peer's FIN.</summary>
    public async ValueTask DisposeAsync()
    {
        ConnectionHost? host;
        lock (_lock) (host, _isDisposed) = (_host, true);
        if (host is not null && host != _options.Host) await host.DisposeAsync();
        _guards.Dispose();
        Memory.Dispose();
    }

    private ConnectionHost EnsureHost()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if ((_host ?? _options.Host) is { } made) return _host = made;
            // The setting holds for the whole process. Where the application's code is to run on the thread pool, it does so after its
            // other sockets, too.
            if (!EngineProcess.IsConfigured) EngineProcess.Configure(new EngineProcessOptions { UseEventLoops = _usesEventLoops });
            if (_usesEventLoops && EngineProcess.EventLoops == 0) LogNoEventLoops();
            return _host = new ConnectionHost(_options.Engine, _observers);
        }
    }

    [LoggerMessage(20, LogLevel.Error, "A callback for the end or the heartbeat of connection {ConnectionId} threw.")]
    private partial void LogFault(Exception fault, string connectionId);

    [LoggerMessage(
        21, LogLevel.Warning, "Event loops were asked for, and this process was set up without: the thread pool does their work.")]
    private partial void LogNoEventLoops();
}
