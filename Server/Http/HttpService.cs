using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.AspNetCore;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Proxy;
using RawEcho.Engine.Tls;

namespace RawEcho.Server.Http;

/// <summary>
/// HTTP on some addresses: Kestrel over connections of the server's own host, so that limits, statistics and the log are those of echo.
/// </summary>
internal sealed class HttpService : IHttpService
{
    // As seed 004 has them.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RequestHeaders = TimeSpan.FromSeconds(5);
    private static readonly MinDataRate SlowestBody = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));

    private readonly WebApplication _application;
    private readonly RawEchoTls? _tls;
    private readonly HttpCounters _counters;

    private HttpService(WebApplication application, RawEchoTls? tls, HttpCounters counters) =>
        (_application, _tls, _counters) = (application, tls, counters);

    public long Requests => _counters.Total;

    public IEnumerable<string> Statistics
    {
        get
        {
            IEnumerable<(string Name, long Count)> kinds =
                [.. Enumerable.Range(1, 5).Select(c => ($"{c}xx", _counters.Of(c))), ("cut off", _counters.CutOff)];
            string seen = string.Join(
                ", ", kinds.Where(k => k.Count > 0).Select(k => string.Create(CultureInfo.InvariantCulture, $"{k.Name} {k.Count}")));
            string answers = seen.Length > 0 ? $" ({seen})" : "";
            return [string.Create(CultureInfo.InvariantCulture, $"HTTP requests: {_counters.Total}{answers}")];
        }
    }

    /// <summary>Listens.</summary>
    /// <param name="sockets">Where.</param>
    /// <param name="host">Whose connections it serves.</param>
    /// <param name="proxy">How the PROXY protocol is taken; null for not at all.</param>
    /// <param name="options">What its TLS is done with; null for none.</param>
    /// <param name="material">What the server's certificates and rules are now.</param>
    /// <param name="onConnected">Is told of each connection, once its handshake is complete; without TLS with its first request.</param>
    /// <param name="log">Takes what Kestrel warns of.</param>
    /// <param name="onAnswered">Is told of each request and its answer; null for nobody.</param>
    /// <exception cref="CommandException">An address cannot be listened on.</exception>
    public static async Task<HttpService> StartAsync(
        IReadOnlyList<Socket> sockets, ConnectionHost host, ProxyProtocolOptions? proxy, TlsServerOptions? options,
        Func<TlsMaterial> material, Action<Connection> onConnected, ConsoleLog log, Action<string>? onAnswered)
    {
        RawEchoTls? tls = options is null ? null : new RawEchoTls(options);
        var counters = new HttpCounters();
        WebApplicationBuilder builder = WebApplicationParts.CreateBuilder(log);
        builder.WebHost.UseRawEcho(o => (o.Host, o.Proxy, o.Listening) = (host, proxy, sockets));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.KeepAliveTimeout = KeepAlive;
            kestrel.Limits.RequestHeadersTimeout = RequestHeaders;
            kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
            kestrel.Limits.MinResponseDataRate = SlowestBody;
            // POST /echo keeps a bounded part of a body, however long it is.
            kestrel.Limits.MaxRequestBodySize = null;
            foreach (Socket socket in sockets) kestrel.Listen(socket.LocalEndPoint!, listen => Configure(listen, tls, onConnected));
        });
        WebApplication application = builder.Build();
        application.Run(new HttpRequests(material, counters, tls is null ? onConnected : null, onAnswered).AnswerAsync);
        try
        {
            await application.StartListeningAsync();
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        return new HttpService(application, tls, counters);
    }

    public int Update(TlsServerOptions options) => _tls?.Update(options) ?? 0;

    public async Task StopAsync(TimeSpan drain)
    {
        using var limit = new CancellationTokenSource(drain);
        await _application.StopAsync(limit.Token);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static void Configure(ListenOptions listen, RawEchoTls? tls, Action<Connection> onConnected)
    {
        if (tls is not null) listen.UseRawEchoTls(tls);
        // Nothing here blocks or computes for long.
        listen.UseApplicationThreads(ApplicationThreads.EventLoop);
        if (tls is null) return;
        listen.Use(next => context =>
        {
            onConnected(context.Features.Get<IEngineConnectionFeature>()!.Connection);
            return next(context);
        });
    }
}
