using System.Diagnostics.Metrics;
using RawEcho.Engine.Telemetry;

namespace RawEcho.Server.Telemetry;

/// <summary>
/// The Meter "RawEcho.Server" (units in UCUM), for rawecho-diagnostics and any other listener. It reads what the Engine
/// counts anyway: an echo costs nothing more, watched or not.
/// </summary>
internal sealed class ServerMeter : IDisposable
{
    /// <summary>The name of the Meter.</summary>
    public const string Name = "RawEcho.Server";

    private readonly Meter _meter;

    /// <param name="statistics">The counts of the host.</param>
    public ServerMeter(Func<EngineStatistics> statistics)
    {
        _meter = new Meter(Name, version: null, [new KeyValuePair<string, object?>("role", "server")]);
        // A message that comes in several reads counts as several: the server cannot know where one ends.
        _meter.CreateObservableCounter("rawecho.roundtrips", () => statistics().Io.WriteOperations, "{roundtrip}", "Echoes sent.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
