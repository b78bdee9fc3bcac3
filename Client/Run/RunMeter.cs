using System.Diagnostics.Metrics;
using RawEcho.Client.Load;

namespace RawEcho.Client.Run;

/// <summary>
/// The Meter "RawEcho.Client.Run" (units in UCUM), for OTLP: what one run counts anyway, from the end of its warm-up on, and its latencies
/// as a histogram. It is made only where somebody collects it.
/// </summary>
internal sealed class RunMeter : IDisposable
{
    public const string Name = "RawEcho.Client.Run";

    private const double NanosecondsPerSecond = 1e9;

    private static readonly InstrumentAdvice<double> Boundaries = new()
    {
        HistogramBucketBoundaries =
        [
            0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
        ],
    };

    private readonly Meter _meter = new(Name);
    private readonly Histogram<double> _latency;

    /// <param name="session">The run.</param>
    public RunMeter(LoadSession session)
    {
        Counter("rawecho.client.messages.sent", "{message}", "Messages or requests that were begun.", () => session.Begun);
        Counter(
            "rawecho.client.messages.verified", "{message}", "Messages whose whole echo or response has come back and matched.",
            () => session.Run.RoundTrips);
        Counter("rawecho.client.io.sent", "By", "Application bytes sent.", () => session.MeasuredBytes.Sent);
        Counter("rawecho.client.io.received", "By", "Application bytes received.", () => session.MeasuredBytes.Received);
        Counter("rawecho.client.errors", "{error}", "Connections that were lost, and attempts that failed.", () => session.Failures.Count);
        _meter.CreateObservableUpDownCounter(
            "rawecho.client.connections.open", () => session.OpenConnections, "{connection}", "Connections open now.");
        _latency = _meter.CreateHistogram(
            "rawecho.client.latency", "s", "Latency; with --rate from the moment a message was to be sent.", tags: null, Boundaries);
    }

    /// <summary>Adds the latencies of a step: there is no way to add a bucket at a time.</summary>
    public void Record(LatencyHistogram step)
    {
        foreach ((long upTo, long count) in step.Buckets)
        {
            double seconds = upTo / NanosecondsPerSecond;
            for (long i = 0; i < count; i++) _latency.Record(seconds);
        }
    }

    public void Dispose() => _meter.Dispose();

    private void Counter(string name, string unit, string description, Func<long> read) =>
        _meter.CreateObservableCounter(name, read, unit, description);
}
