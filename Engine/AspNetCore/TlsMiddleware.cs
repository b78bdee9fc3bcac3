using System.Runtime.ExceptionServices;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RawEcho.Engine.Tls;

namespace RawEcho.Engine.AspNetCore;

/// <summary>
/// TLS of one endpoint, as a step of Kestrel's connection pipeline: the engine's handler does the handshake, and Kestrel goes on.
/// </summary>
internal sealed class TlsMiddleware : IConnectionHandler
{
    private readonly ConnectionDelegate _next;
    private readonly TlsServerHandler _tls;

    /// <param name="next">What Kestrel does with a connection whose handshake is complete.</param>
    /// <param name="tls">What the endpoint chose.</param>
    /// <param name="rules">What else is known of the endpoint.</param>
    public TlsMiddleware(ConnectionDelegate next, RawEchoTls tls, TlsEndpoint rules)
    {
        _next = next;
        _tls = tls.CreateHandler(this, rules.ApplicationProtocols);
    }

    /// <summary>Serves a connection of Kestrel.</summary>
    public async Task OnConnectionAsync(ConnectionContext context)
    {
        if (context is not EngineConnectionContext engine) throw new InvalidOperationException(TlsEndpoint.OtherTransport);
        if (engine.IsInUse || engine.Features.Get<ITlsConnectionFeature>() is not null)
            throw new InvalidOperationException(TlsEndpoint.NotFirst);
        try
        {
            await _tls.HandleAsync(engine.Connection);
        }
        catch (Exception e)
        {
            // Not Kestrel's to log, unless it is the application's: the engine names it, and counts it once.
            if (engine.ApplicationFault is null) engine.Fail(e);
        }

        engine.ApplicationFault?.Throw();
    }

    /// <summary>Goes on with a connection whose handshake is complete. When it returns the engine sends close_notify.</summary>
    public async Task HandleAsync(Connection connection)
    {
        var context = (EngineConnectionContext)connection.State!;
        var features = new TlsFeatures(connection);
        context.EnterTls(connection, features.ApplicationProtocol.Span.SequenceEqual("h2"u8));
        context.Features.Set<ITlsConnectionFeature>(features);
        context.Features.Set<ITlsHandshakeFeature>(features);
        context.Features.Set<ITlsApplicationProtocolFeature>(features);
        // As Kestrel's own TLS does it for kestrel.connection.duration.
        string version = features.Protocol == SslProtocols.Tls13 ? "1.3" : "1.2";
        context.Features.Get<IConnectionMetricsTagsFeature>()?.Tags.Add(new("tls.protocol.version", version));
        try
        {
            await _next(context);
        }
        catch (Exception e)
        {
            connection.Abort(CloseReason.HandlerFault, $"{e.GetType().Name}: {e.Message}");
            context.ApplicationFault = ExceptionDispatchInfo.Capture(e);
            throw;
        }

        await context.FinishAsync();
        if (context.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
    }
}
