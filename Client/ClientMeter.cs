using System.Diagnostics.Metrics;

namespace RawEcho.Client;

/// <summary>
/// The Meter "RawEcho.Client" (units in UCUM), for rawecho-diagnostics and any other listener. It reads what the client
/// counts anyway: a round trip costs nothing more, watched or not.
/// </summary>
internal sealed class ClientMeter : IDisposable
{
    private static readonly double[] Quantiles = [0.5, 0.99];

    private readonly Meter _meter;
    private readonly Func<LatencyHistogram> _latencies;
    private LatencyHistogram _before = new();

    /// <param name="roundTrips">Messages whose whole echo has come back and matched, since the start.</param>
    /// <param name="latencies">All latencies since the start, in a histogram of the caller's own; may be read while others record.</param>
    public ClientMeter(Func<long> roundTrips, Func<LatencyHistogram> latencies)
    {
        _latencies = latencies;
        _meter = new Meter("RawEcho.Client", version: null, [new KeyValuePair<string, object?>("role", "client")]);
        _meter.CreateObservableCounter("rawecho.roundtrips", roundTrips, "{roundtrip}", "Messages whose whole echo has come back and matched.");
        _meter.CreateObservableGauge("rawecho.latency", Measure, "s", "Latency since the last collection, by quantile.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private Measurement<double>[] Measure()
    {
        LatencyHistogram now = _latencies();
        LatencyHistogram interval = now.Since(_before);
        _before = now;
        // Without a round trip there is no latency, and least of all one of zero.
        return interval.Count == 0 ? [] : [.. Quantiles.Select(q => new Measurement<double>(interval.Percentile(q * 100).TotalSeconds, new KeyValuePair<string, object?>("quantile", q)))];
    }
}
