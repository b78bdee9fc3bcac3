using OpenTelemetry.Metrics;

namespace RawEcho.Otlp;

/// <summary>Metrics that go to a collector from time to time.</summary>
public sealed class OtlpMetrics : IDisposable
{
    private readonly MeterProvider _provider;

    internal OtlpMetrics(Uri collector, MeterProvider provider) => (Collector, _provider) = (collector, provider);

    /// <summary>Where they go.</summary>
    public Uri Collector { get; }

    /// <summary>Sends what there is now.</summary>
    /// <param name="limit">How long the collector may take at most.</param>
    /// <returns>False when it did not take them, or not in this time.</returns>
    public async Task<bool> FlushAsync(TimeSpan limit)
    {
        // The package waits on the thread that asks, and for one that is sending already.
        Task<bool> sent = Task.Run(() => _provider.ForceFlush((int)limit.TotalMilliseconds));
        return await Task.WhenAny(sent, Task.Delay(limit)) == sent && await sent;
    }

    /// <summary>Sends what there is for the last time; that can take the time which OTEL_EXPORTER_OTLP_TIMEOUT allows.</summary>
    public void Dispose() => _provider.Dispose();
}
