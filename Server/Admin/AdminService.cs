using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using RawEcho.Charts;
using RawEcho.Charts.Rendering;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.AspNetCore;
using RawEcho.Engine.Telemetry;
using RawEcho.Engine.Tls;
using RawEcho.Server.Http;
using RawEcho.Server.Telemetry;

namespace RawEcho.Server.Admin;

/// <summary>
/// What operators look at: /healthz, /readyz, /metrics, and a live page. It has connections of its own, so that it answers while the
/// server's own are at their limit.
/// </summary>
internal sealed class AdminService : IAdminService
{
    private const string LiveSource = "live";
    private const int MaxConnections = 64;

    // HTTP/2 puts many on one connection.
    private const int MaxStreams = 16;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;
    private readonly RawEchoTls? _tls;
    private readonly LiveHistory _history;
    private readonly Places _streams = new(MaxStreams);
    private readonly Lock _updating = new();
    private (LiveSample Sample, bool IsDraining, string Text)? _update;
    private volatile bool _isDraining;
    private bool _isStopped;

    private AdminService(WebApplication application, RawEchoTls? tls, LiveHistory history) =>
        (_application, _tls, _history) = (application, tls, history);

    /// <summary>Listens.</summary>
    /// <param name="sockets">Where.</param>
    /// <param name="options">What its TLS is done with; null for none.</param>
    /// <param name="statistics">The counts of the server's host.</param>
    /// <param name="requests">HTTP requests answered so far.</param>
    /// <param name="log">Takes what Kestrel warns of.</param>
    /// <exception cref="CommandException">An address cannot be listened on.</exception>
    public static async Task<AdminService> StartAsync(
        IReadOnlyList<Socket> sockets, TlsServerOptions? options, Func<EngineStatistics> statistics, Func<long> requests,
        ConsoleLog log)
    {
        RawEchoTls? tls = options is null ? null : new RawEchoTls(options);
        WebApplicationBuilder builder = WebApplicationParts.CreateBuilder(log);
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(EngineTelemetry.MeterName, ServerMeter.Name, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel")
            .AddPrometheusExporter());
        builder.WebHost.UseRawEcho(o =>
        {
            o.Engine = new EngineOptions { MaxConnections = MaxConnections, PublishMetrics = false };
            o.Listening = sockets;
        });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            foreach (Socket socket in sockets)
            {
                kestrel.Listen(socket.LocalEndPoint!, listen =>
                {
                    if (tls is not null) listen.UseRawEchoTls(tls);
                });
            }
        });
        WebApplication application = builder.Build();
        var admin = new AdminService(application, tls, new LiveHistory(statistics, requests));
        application.UseOpenTelemetryPrometheusScrapingEndpoint();
        application.Run(admin.AnswerAsync);
        try
        {
            await application.StartListeningAsync();
        }
        catch
        {
            await admin.DisposeAsync();
            throw;
        }

        return admin;
    }

    public int Update(TlsServerOptions options) => _tls?.Update(options) ?? 0;

    public void BeginDrain() => _isDraining = true;

    public async Task StopAsync()
    {
        if (_isStopped) return;
        _isStopped = true;
        using var limit = new CancellationTokenSource(LongestStop);
        await _application.StopAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _application.DisposeAsync();
        await _history.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            return AnswerAsync(response, StatusCodes.Status405MethodNotAllowed, "Allowed here: GET, HEAD.");
        }

        return context.Request.Path.Value switch
        {
            "/" => ShowAsync(response),
            $"/{LiveSource}" => StreamAsync(context),
            // Browsers ask for one.
            "/favicon.ico" => Task.FromResult(response.StatusCode = StatusCodes.Status204NoContent),
            "/healthz" => AnswerAsync(response, StatusCodes.Status200OK, "ok"),
            "/readyz" when _isDraining => AnswerAsync(response, StatusCodes.Status503ServiceUnavailable, "draining"),
            "/readyz" => AnswerAsync(response, StatusCodes.Status200OK, "ready"),
            _ => AnswerAsync(response, StatusCodes.Status404NotFound, "There is nothing here. Try /, /healthz, /readyz or /metrics."),
        };
    }

    private static Task AnswerAsync(HttpResponse response, int status, string sentence)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        return response.WriteAsync($"{sentence}\n");
    }

    private Task ShowAsync(HttpResponse response)
    {
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        return response.WriteAsync(Page(_history.Samples, _isDraining).ToHtml());
    }

    /// <summary>Server-sent events (WHATWG HTML section 9.2), one a second, until the reader goes or the server stops.</summary>
    private async Task StreamAsync(HttpContext context)
    {
        if (!_streams.TryTake())
        {
            string sentence = string.Create(CultureInfo.InvariantCulture, $"As many live pages are open as may be: {MaxStreams}.");
            await AnswerAsync(context.Response, StatusCodes.Status503ServiceUnavailable, sentence);
            return;
        }

        using var end =
            CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _application.Lifetime.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            while (!HttpMethods.IsHead(context.Request.Method))
            {
                await context.Response.WriteAsync(Update(), end.Token);
                await context.Response.Body.FlushAsync(end.Token);
                await Task.Delay(Pace, end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // As it should end.
        }
        finally
        {
            _streams.Release();
        }
    }

    // One for all streams: each second is drawn once.
    private string Update()
    {
        IReadOnlyList<LiveSample> samples = _history.Samples;
        bool isDraining = _isDraining;
        lock (_updating)
        {
            if (_update is { } last && ReferenceEquals(last.Sample, samples[^1]) && last.IsDraining == isDraining) return last.Text;
            string text = string.Create(CultureInfo.InvariantCulture, $"data: {Page(samples, isDraining).ToLiveUpdate()}\n\n");
            _update = (samples[^1], isDraining, text);
            return text;
        }
    }

    private static ReportPage Page(IReadOnlyList<LiveSample> samples, bool isDraining) =>
        LivePage.Of(samples, !isDraining, DateTimeOffset.UtcNow, LiveSource);
}
