using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Proxy;
using RawEcho.Engine.Transport;

namespace RawEcho.Engine.AspNetCore;

/// <summary>One address that Kestrel listens on: the engine accepts, and Kestrel takes the connections from here.</summary>
internal sealed class EngineListener : IConnectionListener, IConnectionHandler
{
    // More often than Kestrel's: a stop is not to wait for it.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(250);

    private readonly ConnectionHost _host;
    private readonly EngineTransport _transport;
    private readonly IPEndPoint _endPoint;
    private readonly EndpointGuard? _guard;
    private readonly ConcurrentDictionary<long, EngineConnectionContext> _open = new();
    private readonly Channel<EngineConnectionContext> _accepted =
        Channel.CreateUnbounded<EngineConnectionContext>(new UnboundedChannelOptions { SingleReader = true });

    private int _isUnbound;

    /// <param name="transport">Whose listener it is.</param>
    /// <param name="host">Accepts.</param>
    /// <param name="listen">Makes a host listen, with the handler it is given.</param>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    /// <exception cref="SocketException">This machine does not have the address, or not its protocol.</exception>
    public EngineListener(EngineTransport transport, ConnectionHost host, Func<ConnectionHost, IConnectionHandler, IPEndPoint> listen)
    {
        _transport = transport;
        _guard = transport.CreateGuard(transport.Threads);
        _host = host;
        try
        {
            _endPoint = listen(host, transport.Proxy is { } proxy ? new ProxyProtocolHandler(this, proxy) : this);
        }
        catch (ListenException e) when (e.InnerException is SocketException cause)
        {
            // Kestrel tells these apart: it falls back to IPv4 where there is no IPv6, and names the address that is in use.
            if (cause.SocketErrorCode == SocketError.AddressAlreadyInUse) throw new AddressInUseException(e.Message, e);
            if (e.IsAddressMissing) throw cause;
            throw;
        }
    }

    public EndPoint EndPoint => _endPoint;

    /// <summary>The next connection; null when the listener is unbound.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_accepted.Reader.TryRead(out EngineConnectionContext? connection)) return connection;
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _host.StopListeningAsync(_endPoint);
        // Kestrel unbinds and disposes.
        if (Interlocked.Exchange(ref _isUnbound, 1) != 0) return;
        // Its own heartbeat has stopped by then.
        _ = TickAsync();
        await FirstRequestsAsync(cancellationToken);
        // Last: what was accepted in the moment of the stop is on its way to here.
        _accepted.Writer.TryComplete();
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    /// <summary>The engine's side of a connection, from its first byte to its last.</summary>
    public async Task HandleAsync(Connection connection)
    {
        var context = new EngineConnectionContext(connection, _transport, _guard);
        connection.State = context;
        _open[connection.Id] = context;
        try
        {
            // Otherwise it was accepted in the moment of the stop and has said nothing since, and is closed.
            if (_accepted.Writer.TryWrite(context)) await context.Completion;
            else await context.DisposeAsync();
        }
        finally
        {
            _open.TryRemove(connection.Id, out _);
        }
    }

    // As soon as a listener is unbound, Kestrel closes each connection on which no request has come. Those that have just shaken hands are
    // about to send theirs, and would find themselves shut out.
    private async Task FirstRequestsAsync(CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        while (!cancellation.IsCancellationRequested && Stopwatch.GetElapsedTime(start) < EngineConnectionContext.FirstRequestTime
            && _open.Values.Any(c => c.IsUnasked))
        {
            await Task.Delay(EngineConnectionContext.FirstRequestLook, CancellationToken.None);
        }

        await Task.Delay(EngineConnectionContext.FirstRequestLook, CancellationToken.None);
    }

    // Until Kestrel has ended the last connection, in order or by an abort.
    private async Task TickAsync()
    {
        while (!_open.IsEmpty)
        {
            await Task.Delay(Heartbeat);
            foreach ((_, EngineConnectionContext context) in _open) context.Tick();
        }
    }
}
