using RawEcho.Diagnostics.Rows;
using static RawEcho.Diagnostics.Sampling.Events.SessionProviders;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>
/// Turns values of meters and counters into rows. Meters take precedence, since they come at every interval; a counter is used where no
/// meter is listened to: a process without the Engine, or one whose meters another tool has.
/// </summary>
/// <param name="counters">The counters.</param>
/// <param name="maxAge">How old a value may be.</param>
internal sealed class RuntimeRows(CounterStream counters, TimeSpan maxAge)
{
    private const string Generation = "gc.heap.generation=";
    private const double CounterMegabyte = 1e6;
    private const double Percent = 100;

    private static readonly (string Tag, string Counter)[] Generations =
    [
        ("gen0", "gen-0-size"), ("gen1", "gen-1-size"), ("gen2", "gen-2-size"), ("loh", "loh-size"), ("poh", "poh-size"),
    ];

    public void Add(SampleValues values, MeterReading? meters)
    {
        AddHeap(values, meters);
        AddCollections(values, meters);
        AddThreads(values, meters);
        values.Set(MetricCatalog.Received, counters.PerSecond(SocketCounters, "bytes-received", maxAge));
        values.Set(MetricCatalog.Sent, counters.PerSecond(SocketCounters, "bytes-sent", maxAge));
        AddTls(values, meters);
        AddRequests(values, meters);
        NamedRows.Add(values, counters, maxAge);
        if (meters is null) return;
        AddEcho(values, meters);
        WebRows.Add(values, meters);
        NamedRows.Add(values, meters);
    }

    private void AddHeap(SampleValues values, MeterReading? meters)
    {
        // Zero or missing before the first collection, which is when the runtime first measures them.
        double? committed = Measured(meters?.Value(InstrumentNames.Committed)) ?? Measured(Runtime("gc-committed") * CounterMegabyte);
        double? heap = Measured(meters?.Value(InstrumentNames.HeapSize)) ?? (committed is not null ? Measured(SumOfGenerations()) : null);
        values.Set(MetricCatalog.GcCommitted, committed);
        // Where nothing was ever collected, the heap is all that was allocated; a counter gives what is allocated now.
        values.Set(MetricCatalog.GcHeap, heap ?? meters?.Value(InstrumentNames.Allocated) ?? Runtime("gc-heap-size") * CounterMegabyte);
        bool isMetered = meters?.Value(InstrumentNames.HeapSize) is > 0;
        Metric[] metrics = [MetricCatalog.Gen0, MetricCatalog.Gen1, MetricCatalog.Gen2, MetricCatalog.Loh, MetricCatalog.Poh];
        foreach ((Metric metric, (string tag, string counter)) in metrics.Zip(Generations))
        {
            double? fromCounter = heap is not null ? Runtime(counter) : null;
            values.Set(metric, isMetered ? meters?.Value(InstrumentNames.HeapSize, Generation + tag) : fromCounter);
        }

        // The counter is in percent of the heap.
        double? fragmented = heap is not null ? Runtime("gc-fragmentation") / Percent * heap : null;
        values.Set(MetricCatalog.Fragmentation, isMetered ? meters?.Value(InstrumentNames.Fragmentation) : fragmented);
    }

    private double? SumOfGenerations() => Generations.Aggregate((double?)0, (sum, g) => sum + Runtime(g.Counter));

    private void AddCollections(SampleValues values, MeterReading? meters)
    {
        values.Set(MetricCatalog.Allocated, meters?.PerSecond(InstrumentNames.Allocated) ?? RuntimeRate("alloc-rate"));
        // A counter of a generation counts the collections of the older ones too; the meter does not.
        double? gen1AndUp = RuntimeRate("gen-1-gc-count");
        double? gen2 = RuntimeRate("gen-2-gc-count");
        values.Set(MetricCatalog.Gen0Collections, Metered("gen0") ?? Above(RuntimeRate("gen-0-gc-count"), gen1AndUp));
        values.Set(MetricCatalog.Gen1Collections, Metered("gen1") ?? Above(gen1AndUp, gen2));
        values.Set(MetricCatalog.Gen2Collections, Metered("gen2") ?? gen2);

        double? Metered(string generation) => meters?.PerSecond(InstrumentNames.Collections, Generation + generation);
    }

    private void AddThreads(SampleValues values, MeterReading? meters)
    {
        values.Set(MetricCatalog.PoolThreads, meters?.Value(InstrumentNames.PoolThreads) ?? Runtime("threadpool-thread-count"));
        values.Set(MetricCatalog.PoolQueue, meters?.Value(InstrumentNames.PoolQueue) ?? Runtime("threadpool-queue-length"));
        values.Set(
            MetricCatalog.PoolItems, meters?.PerSecond(InstrumentNames.PoolItems) ?? RuntimeRate("threadpool-completed-items-count"));
        values.Set(
            MetricCatalog.Contentions, meters?.PerSecond(InstrumentNames.Contentions) ?? RuntimeRate("monitor-lock-contention-count"));
    }

    private void AddTls(SampleValues values, MeterReading? meters)
    {
        // The counters of System.Net.Security know only what happened since somebody listened: the Engine's meter knows all. How many there
        // are of what was there before, nobody knows.
        if (meters?.Value(InstrumentNames.Handshakes) is null)
        {
            values.Set(MetricCatalog.Handshakes, counters.PerSecond(SecurityCounters, "total-tls-handshakes", maxAge));
            return;
        }

        values.Set(MetricCatalog.Handshakes, meters.PerSecond(InstrumentNames.Handshakes));
        values.Set(MetricCatalog.HandshakesActive, meters.Value(InstrumentNames.HandshakesActive));
        values.Set(MetricCatalog.HandshakesFailed, meters.Value(InstrumentNames.HandshakesFailed));
        values.Set(MetricCatalog.TlsSessions, meters.Value(InstrumentNames.Sessions));
        foreach ((string reason, double count) in meters.ByTag(InstrumentNames.HandshakeFailures))
            values.Set(MetricCatalog.FailuresByReason, reason, count);
    }

    // The histogram gives no sum when the process has more series than the session allows, which a program of some routes soon has.
    private void AddRequests(SampleValues values, MeterReading? meters)
    {
        // Asked for at every sample: their rates begin where they were last asked for.
        double? requests = counters.PerSecond(HostingCounters, "requests-per-second", maxAge);
        double? errors = counters.PerSecond(HostingCounters, "failed-requests", maxAge);
        values.Set(MetricCatalog.Requests, meters?.RecordsPerSecond(InstrumentNames.RequestDuration) ?? requests);
        values.Set(
            MetricCatalog.RequestErrors, meters?.RecordsPerSecond(InstrumentNames.RequestDuration, WebRows.IsServerError) ?? errors);
        values.Set(
            MetricCatalog.RequestsActive,
            meters?.Value(InstrumentNames.RequestsActive) ?? counters.Value(HostingCounters, "current-requests", maxAge));
    }

    private static void AddEcho(SampleValues values, MeterReading meters)
    {
        values.Set(MetricCatalog.Connections, meters.Value(InstrumentNames.Connections));
        double? roundTrips = meters.PerSecond(InstrumentNames.ServerRoundTrips) ?? meters.PerSecond(InstrumentNames.ClientRoundTrips);
        values.Set(MetricCatalog.RoundTrips, roundTrips);
        values.Set(MetricCatalog.LatencyP50, meters.Value(InstrumentNames.Latency, "quantile=0.5"));
        values.Set(MetricCatalog.LatencyP99, meters.Value(InstrumentNames.Latency, "quantile=0.99"));
        values.Set(MetricCatalog.ArgsInUse, meters.Value(InstrumentNames.ArgsInUse));
        values.Set(MetricCatalog.BuffersInUse, meters.Value(InstrumentNames.BuffersInUse));
    }

    private static double? Measured(double? value) => value > 0 ? value : null;

    private static double? Above(double? all, double? older) => all - older is { } only ? Math.Max(0, only) : all;

    private double? Runtime(string counter) => counters.Value(RuntimeCounters, counter, maxAge);

    private double? RuntimeRate(string counter) => counters.PerSecond(RuntimeCounters, counter, maxAge);
}
