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
    private readonly Action<LatencyHistogram> _addLatencies;
    private LatencyHistogram? _before;
    private LatencyHistogram? _now;
    private LatencyHistogram? _interval;

    /// <param name="roundTrips">Messages whose whole echo has come back and matched, since the start.</param>
    /// <param name="addLatencies">Adds all latencies since the start to a histogram; may be called while others record.</param>
    public ClientMeter(Func<long> roundTrips, Action<LatencyHistogram> addLatencies)
    {
        _addLatencies = addLatencies;
        _meter = new Meter("RawEcho.Client", version: null, [new KeyValuePair<string, object?>("role", "client")]);
        _meter.CreateObservableCounter("rawecho.roundtrips", roundTrips, "{roundtrip}", "Messages whose whole echo has come back and matched.");
        _meter.CreateObservableGauge("rawecho.latency", Measure, "s", "Latency since the last collection, by quantile.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private Measurement<double>[] Measure()
    {
        // Kept, once somebody listens: arrays of this size are large objects, and new ones every second would cost collections.
        _before ??= new LatencyHistogram();
        _now ??= new LatencyHistogram();
        _interval ??= new LatencyHistogram();
        _now.Clear();
        _addLatencies(_now);
        _interval.SetDifference(_now, _before);
        (_before, _now) = (_now, _before);
        // Without a round trip there is no latency, and least of all one of zero.
        return _interval.Count == 0 ? [] : [.. Quantiles.Select(q => new Measurement<double>(_interval.Percentile(q * 100).TotalSeconds, new KeyValuePair<string, object?>("quantile", q)))];
    }
}
