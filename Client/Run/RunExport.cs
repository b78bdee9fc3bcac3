using RawEcho.Client.Load;
using RawEcho.Engine.Telemetry;
using RawEcho.Otlp;
using RawEcho.Terminal;

namespace RawEcho.Client.Run;

/// <summary>
/// Sends the metrics of runs by OTLP where the environment names a collector. One that does not take them costs a bounded time, once, and
/// is said in a line; the results do not depend on it.
/// </summary>
internal sealed class RunExport : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly OtlpMetrics? _metrics;
    private RunMeter? _meter;
    private bool _isGivenUp;

    private RunExport(OtlpMetrics? metrics) => _metrics = metrics;

    /// <exception cref="CommandLine.CommandException">The address of the collector is none.</exception>
    public static RunExport StartIfAsked() =>
        new(OtlpExport.StartIfAsked("rawecho-client", RunMeter.Name, EngineTelemetry.MeterName, "System.Runtime"));

    /// <summary>A run begins.</summary>
    public void Begin(LoadSession session)
    {
        if (_metrics is not null) _meter = new RunMeter(session);
    }

    /// <summary>Adds a step of the run.</summary>
    public void Add((LatencyHistogram Service, LatencyHistogram? Corrected) latencies) =>
        _meter?.Record(latencies.Corrected ?? latencies.Service);

    /// <summary>Sends what the run came to, before its session is gone.</summary>
    public async Task EndAsync()
    {
        if (_metrics is null || _meter is null) return;
        if (!_isGivenUp && !await _metrics.FlushAsync(Limit))
        {
            _isGivenUp = true;
            // Without a password that the address may hold.
            string where = _metrics.Collector.GetComponents(UriComponents.SchemeAndServer, UriFormat.Unescaped);
            StandardStreams.WriteErrorLine($"rawecho-client: the collector at {where} does not take the metrics (OTLP).");
        }

        Dispose();
    }

    // Not what sends them: all is sent, and ending it would send again and might wait for a collector that is silent.
    public void Dispose()
    {
        _meter?.Dispose();
        _meter = null;
    }
}
