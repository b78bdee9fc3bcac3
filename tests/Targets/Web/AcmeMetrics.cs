using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;

/// <summary>Instruments of every kind, and an event source with counters, as anybody's program may have them.</summary>
internal sealed class AcmeMetrics : IDisposable
{
    private readonly Meter _meter = new("Acme.Orders", "1.0");
    private readonly Meter _many = new("Acme.Many");
    private readonly Counter<long> _placed;
    private readonly UpDownCounter<int> _waiting;
    private readonly Histogram<double> _time;
    private readonly Gauge<double> _temperature;
    private readonly Counter<long> _series;
    private readonly AcmeSource _source = new();
    private readonly Timer _timer;
    private int _round;

    public AcmeMetrics()
    {
        _placed = _meter.CreateCounter<long>("orders.placed", "{order}", "Orders that were placed");
        _waiting = _meter.CreateUpDownCounter<int>("orders.waiting", "{order}");
        _time = _meter.CreateHistogram<double>("orders.time", "s");
        _temperature = _meter.CreateGauge<double>("oven.temperature", "Cel");
        _meter.CreateObservableGauge("oven.free", () => 12_345_678L, "By");
        _meter.CreateObservableUpDownCounter("stock", () => 42, "{loaf}");
        _meter.CreateObservableCounter("flour.used", () => _round * 5L, "kg");
        // Nothing is ever counted by it.
        _meter.CreateCounter<long>("orders.lost");
        _series = _many.CreateCounter<long>("events\u001b]0;title\u0007");
        _timer = new Timer(_ => Work(), null, 0, 100);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
        _meter.Dispose();
        _many.Dispose();
    }

    private void Work()
    {
        _round++;
        _placed.Add(3, new KeyValuePair<string, object?>("region", "eu"));
        _placed.Add(1, new KeyValuePair<string, object?>("region", "us"));
        _waiting.Add(1);
        for (int i = 1; i <= 100; i++) _time.Record(i / 100.0);
        _temperature.Record(180.5);
        for (int i = 0; i < 15; i++) _series.Add(1, new KeyValuePair<string, object?>("kind\u001b[2J", i));
        _source.Baked.Increment(2);
        _source.Weight.WriteMetric(750);
    }

    [EventSource(Name = "Acme-Bakery")]
    private sealed class AcmeSource : EventSource
    {
        public AcmeSource()
        {
            Baked = new IncrementingEventCounter("loaves-baked", this) { DisplayUnits = "loaves" };
            Weight = new EventCounter("loaf-weight", this) { DisplayUnits = "g" };
            _ = new EventCounter("never-written", this);
        }

        public IncrementingEventCounter Baked { get; }

        public EventCounter Weight { get; }
    }
}
