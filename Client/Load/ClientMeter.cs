using System.Diagnostics.Metrics;

namespace RawEcho.Client.Load;

/// <summary>
/// The Meter "RawEcho.Client" (units in UCUM), for rawecho-diagnostics and any other listener. It reads what the client
/// counts anyway: a round trip costs nothing more, watched or not.
/// </summary>
internal sealed class ClientMeter : IDisposable
{
    private static readonly double[] Quantiles = [0.5, 0.99];

    private readonly Meter _meter;
    private readonly LoadRun _run;
    private LoadTotals? _before;
    private LoadTotals? _now;
    private LatencyHistogram? _interval;

    /// <param name="run">What is measured.</param>
    public ClientMeter(LoadRun run)
    {
        _run = run;
        _meter = new Meter("RawEcho.Client", version: null, [new KeyValuePair<string, object?>("role", "client")]);
        _meter.CreateObservableCounter(
            "rawecho.roundtrips", () => run.RoundTrips, "{roundtrip}", "Messages whose whole echo has come back and matched.");
        _meter.CreateObservableGauge(
            "rawecho.latency", Measure, "s",
            "Latency since the last collection, by quantile; with --rate from the moment a message was to be sent.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private Measurement<double>[] Measure()
    {
        // Kept, once somebody listens: arrays of this size are large objects, and new ones every second would cost collections.
        _before ??= new LoadTotals(_run.Shape.IsOpen);
        _now ??= new LoadTotals(_run.Shape.IsOpen);
        _interval ??= new LatencyHistogram();
        _now.Clear();
        _run.AddTo(_now);
        _interval.SetDifference(_now.Corrected ?? _now.Service, _before.Corrected ?? _before.Service);
        (_before, _now) = (_now, _before);
        // Without a round trip there is no latency, and least of all one of zero.
        return _interval.Count == 0
            ? []
            : [.. Quantiles.Select(q => Quantile(_interval, q))];
    }

    private static Measurement<double> Quantile(LatencyHistogram of, double quantile) =>
        new(of.Percentile(quantile * 100)!.Value / 1e9, new KeyValuePair<string, object?>("quantile", quantile));
}
