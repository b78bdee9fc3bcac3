using RawEcho.Engine.Telemetry;

namespace RawEcho.Engine.AspNetCore;

/// <summary>What the engine counts under Kestrel. A service of applications that call <c>UseRawEcho</c>.</summary>
public sealed class RawEchoTransport
{
    private readonly EngineTransport _transport;

    internal RawEchoTransport(EngineTransport transport) => _transport = transport;

    /// <summary>All counts at this moment; null before the server listens.</summary>
    public EngineStatistics? Statistics => _transport.Host?.Statistics;

    /// <summary>
    /// True while the code of a guarded endpoint has held an event loop for a second or longer, so that its connections stand still: for
    /// the answer of a readiness probe.
    /// </summary>
    public bool HasStalledLoop => _transport.HasStalledLoop;
}
