using static RawEcho.Diagnostics.Rows.Aggregation;
using static RawEcho.Diagnostics.Rows.MetricFormat;

namespace RawEcho.Diagnostics.Rows;

/// <summary>
/// Every row there is but those of <see cref="NamedMetric"/>. A name, once published, keeps its meaning: recordings outlive versions.
/// </summary>
internal static class MetricCatalog
{
    public static readonly Metric Uptime =
        new("process.uptime", "uptime", "s", MetricGroup.Process, MetricFormat.Uptime, Last) { HasRatio = false };

    public static readonly Metric Cpu = new("cpu.percent", "CPU, of one core", "%", MetricGroup.Cpu, Percent, Mean);
    public static readonly Metric CpuMachine = new("cpu.machine.percent", "CPU, of the machine", "%", MetricGroup.Cpu, Percent, Mean);
    public static readonly Metric CpuUser = new("cpu.user.percent", "user", "%", MetricGroup.Cpu, Percent, Mean);
    public static readonly Metric CpuSystem = new("cpu.system.percent", "system", "%", MetricGroup.Cpu, Percent, Mean);
    public static readonly Metric Switches = new("cpu.switches.rate", "context switches", "{switch}/s", MetricGroup.Cpu, Rate, Mean);

    public static readonly Metric WorkingSet = new("memory.workingset", "working set", "By", MetricGroup.Memory, Bytes, Mean);
    public static readonly Metric Private = new("memory.private", "private (anonymous + swap)", "By", MetricGroup.Memory, Bytes, Mean);
    public static readonly Metric Peak = new("memory.peak", "peak working set", "By", MetricGroup.Memory, Bytes, Max);
    public static readonly Metric GcCommitted = new("memory.gc.committed", "GC committed", "By", MetricGroup.Memory, Bytes, Mean);
    public static readonly Metric GcHeap = new("memory.gc.heap", "GC heap", "By", MetricGroup.Memory, Bytes, Mean);
    public static readonly Metric Gen0 = new("memory.gc.gen0", "gen 0", "By", MetricGroup.Memory, Bytes, Mean);
    public static readonly Metric Gen1 = new("memory.gc.gen1", "gen 1", "By", MetricGroup.Memory, Bytes, Mean);
    public static readonly Metric Gen2 = new("memory.gc.gen2", "gen 2", "By", MetricGroup.Memory, Bytes, Mean);
    public static readonly Metric Loh = new("memory.gc.loh", "large objects", "By", MetricGroup.Memory, Bytes, Mean);
    public static readonly Metric Poh = new("memory.gc.poh", "pinned objects", "By", MetricGroup.Memory, Bytes, Mean);
    public static readonly Metric Fragmentation = new("memory.gc.fragmentation", "fragmentation", "By", MetricGroup.Memory, Bytes, Mean);
    public static readonly Metric Native = new("memory.native", "native remainder", "By", MetricGroup.Memory, Bytes, Mean);

    public static readonly Metric OsThreads = new("threads.os", "OS threads", "{thread}", MetricGroup.Threads, Count, Max);
    public static readonly Metric BusiestThreads =
        new("threads.busiest", "busiest threads, of one core", "%", MetricGroup.Threads, Percent, Mean)
        {
            IsTagged = true,
            HasRatio = false,
        };
    public static readonly Metric PoolThreads = new("threads.pool", "pool threads", "{thread}", MetricGroup.Threads, Count, Max);
    public static readonly Metric PoolQueue = new("threads.pool.queue", "pool queue", "{work_item}", MetricGroup.Threads, Count, Max);
    public static readonly Metric PoolItems = new(
        "threads.pool.items.rate", "pool work items", "{work_item}/s", MetricGroup.Threads, Rate, Mean);
    public static readonly Metric Contentions = new(
        "threads.contentions.rate", "lock contentions", "{contention}/s", MetricGroup.Threads, Rate, Mean);

    public static readonly Metric Gen0Collections = new("gc.gen0.rate", "gen 0 collections", "{collection}/s", MetricGroup.Gc, Rate, Mean);
    public static readonly Metric Gen1Collections = new("gc.gen1.rate", "gen 1 collections", "{collection}/s", MetricGroup.Gc, Rate, Mean);
    public static readonly Metric Gen2Collections = new("gc.gen2.rate", "gen 2 collections", "{collection}/s", MetricGroup.Gc, Rate, Mean);
    public static readonly Metric PausePercent = new("gc.pause.percent", "time in pauses", "%", MetricGroup.Gc, Percent, Mean);
    public static readonly Metric PauseLongest = new("gc.pause.longest", "longest pause", "s", MetricGroup.Gc, Duration, Max);
    public static readonly Metric Allocated = new("gc.allocated.rate", "allocation", "By/s", MetricGroup.Gc, ByteRate, Mean);

    public static readonly Metric Received = new("sockets.received.rate", "received", "By/s", MetricGroup.Sockets, ByteRate, Mean);
    public static readonly Metric Sent = new("sockets.sent.rate", "sent", "By/s", MetricGroup.Sockets, ByteRate, Mean);
    public static readonly Metric Descriptors = new(
        "sockets.descriptors", "open descriptors", "{descriptor}", MetricGroup.Sockets, Count, Max);
    public static readonly Metric TcpEstablished = new(
        "tcp.established", "TCP established", "{connection}", MetricGroup.Sockets, Count, Max);
    public static readonly Metric TcpListening = new("tcp.listening", "TCP listening", "{socket}", MetricGroup.Sockets, Count, Max);
    public static readonly Metric TcpOpening = new("tcp.opening", "TCP opening", "{connection}", MetricGroup.Sockets, Count, Max);
    public static readonly Metric TcpCloseWait = new("tcp.closewait", "TCP close-wait", "{connection}", MetricGroup.Sockets, Count, Max);
    public static readonly Metric TcpClosing = new("tcp.closing", "TCP closing", "{connection}", MetricGroup.Sockets, Count, Max);

    public static readonly Metric Handshakes = new("tls.handshakes.rate", "handshakes", "{handshake}/s", MetricGroup.Tls, Rate, Mean);
    public static readonly Metric HandshakesActive = new(
        "tls.handshakes.active", "handshakes in progress", "{handshake}", MetricGroup.Tls, Count, Max);
    public static readonly Metric HandshakesFailed = new(
        "tls.handshakes.failed", "handshakes failed since start", "{handshake}", MetricGroup.Tls, Count, Last);
    public static readonly Metric FailuresByReason =
        new("tls.failures", "failed", "{handshake}", MetricGroup.Tls, Count, Last) { IsTagged = true, HasRatio = false };
    public static readonly Metric TlsSessions = new("tls.sessions", "open sessions", "{session}", MetricGroup.Tls, Count, Max);

    public static readonly Metric Connections = new("echo.connections", "connections", "{connection}", MetricGroup.Echo, Count, Max);
    public static readonly Metric RoundTrips = new("echo.roundtrips.rate", "round trips", "{roundtrip}/s", MetricGroup.Echo, Rate, Mean);
    public static readonly Metric LatencyP50 = new("echo.latency.p50", "latency p50", "s", MetricGroup.Echo, Duration, Mean);
    public static readonly Metric LatencyP99 = new("echo.latency.p99", "latency p99", "s", MetricGroup.Echo, Duration, Mean);
    public static readonly Metric ArgsInUse = new("echo.pool.args", "pooled args in use", "{object}", MetricGroup.Echo, Count, Max);
    public static readonly Metric BuffersInUse = new("echo.pool.buffers", "buffers in use", "{buffer}", MetricGroup.Echo, Count, Max);

    public static readonly Metric Requests = new(
        "http.server.requests.rate", "requests", "{request}/s", MetricGroup.Http, Rate, Mean);
    public static readonly Metric RequestErrors = new(
        "http.server.errors.rate", "requests answered with 5xx", "{request}/s", MetricGroup.Http, Rate, Mean);
    public static readonly Metric RequestsActive = new(
        "http.server.requests.active", "new requests in progress", "{request}", MetricGroup.Http, Count, Max);
    public static readonly Metric RequestP50 = Tagged("http.server.duration.p50", "request p50", MetricGroup.Http);
    public static readonly Metric RequestP95 = Tagged("http.server.duration.p95", "request p95", MetricGroup.Http);
    public static readonly Metric RequestP99 = Tagged("http.server.duration.p99", "request p99", MetricGroup.Http);

    public static readonly Metric KestrelConnections = new(
        "kestrel.connections.active", "new connections still open", "{connection}", MetricGroup.Kestrel, Count, Max);
    public static readonly Metric KestrelClosed = new(
        "kestrel.connections.closed.rate", "connections closed", "{connection}/s", MetricGroup.Kestrel, Rate, Mean);
    public static readonly Metric KestrelConnectionP50 = Tagged("kestrel.connection.p50", "connection p50", MetricGroup.Kestrel);
    public static readonly Metric KestrelConnectionP95 = Tagged("kestrel.connection.p95", "connection p95", MetricGroup.Kestrel);
    public static readonly Metric KestrelConnectionP99 = Tagged("kestrel.connection.p99", "connection p99", MetricGroup.Kestrel);
    public static readonly Metric KestrelRejected = new(
        "kestrel.connections.rejected.rate", "connections rejected", "{connection}/s", MetricGroup.Kestrel, Rate, Mean);
    public static readonly Metric KestrelQueued = new(
        "kestrel.connections.queued", "connections queued", "{connection}", MetricGroup.Kestrel, Count, Max);
    public static readonly Metric KestrelRequestsQueued = new(
        "kestrel.requests.queued", "requests queued", "{request}", MetricGroup.Kestrel, Count, Max);
    public static readonly Metric KestrelUpgraded = new(
        "kestrel.connections.upgraded", "new connections upgraded", "{connection}", MetricGroup.Kestrel, Count, Max);
    public static readonly Metric KestrelHandshakes = new(
        "kestrel.tls.handshakes.rate", "TLS handshakes", "{handshake}/s", MetricGroup.Kestrel, Rate, Mean);
    public static readonly Metric KestrelHandshakesActive = new(
        "kestrel.tls.handshakes.active", "TLS handshakes in progress", "{handshake}", MetricGroup.Kestrel, Count, Max);
    public static readonly Metric KestrelHandshakeP50 = Tagged("kestrel.tls.handshake.p50", "TLS handshake p50", MetricGroup.Kestrel);
    public static readonly Metric KestrelHandshakeP95 = Tagged("kestrel.tls.handshake.p95", "TLS handshake p95", MetricGroup.Kestrel);
    public static readonly Metric KestrelHandshakeP99 = Tagged("kestrel.tls.handshake.p99", "TLS handshake p99", MetricGroup.Kestrel);

    public static readonly Metric Lookups = new("dns.lookups.rate", "lookups", "{lookup}/s", MetricGroup.Dns, Rate, Mean);
    public static readonly Metric LookupP50 = Tagged("dns.lookup.p50", "lookup p50", MetricGroup.Dns);
    public static readonly Metric LookupP95 = Tagged("dns.lookup.p95", "lookup p95", MetricGroup.Dns);
    public static readonly Metric LookupP99 = Tagged("dns.lookup.p99", "lookup p99", MetricGroup.Dns);

    public static readonly Metric CpuPerRoundTrip = new(
        "efficiency.cpu", "CPU per round trip", "s", MetricGroup.Efficiency, Duration, Mean);
    public static readonly Metric AllocatedPerRoundTrip = new(
        "efficiency.allocated", "allocated per round trip", "By", MetricGroup.Efficiency, Bytes, Mean);
    public static readonly Metric MemoryPerConnection = new(
        "efficiency.memory", "private memory per connection", "By", MetricGroup.Efficiency, Bytes, Mean);

    /// <summary>All rows, in the order of the table.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        Uptime,
        Cpu, CpuMachine, CpuUser, CpuSystem, Switches,
        WorkingSet, Private, Peak, GcCommitted, GcHeap, Gen0, Gen1, Gen2, Loh, Poh, Fragmentation, Native,
        OsThreads, BusiestThreads, PoolThreads, PoolQueue, PoolItems, Contentions,
        Gen0Collections, Gen1Collections, Gen2Collections, PausePercent, PauseLongest, Allocated,
        Received, Sent, Descriptors, TcpEstablished, TcpListening, TcpOpening, TcpCloseWait, TcpClosing,
        Handshakes, HandshakesActive, HandshakesFailed, FailuresByReason, TlsSessions,
        Connections, RoundTrips, LatencyP50, LatencyP99, ArgsInUse, BuffersInUse,
        Requests, RequestErrors, RequestsActive, RequestP50, RequestP95, RequestP99,
        KestrelConnections, KestrelClosed, KestrelConnectionP50, KestrelConnectionP95, KestrelConnectionP99, KestrelRejected, KestrelQueued,
        KestrelRequestsQueued, KestrelUpgraded, KestrelHandshakes, KestrelHandshakesActive, KestrelHandshakeP50, KestrelHandshakeP95,
        KestrelHandshakeP99,
        Lookups, LookupP50, LookupP95, LookupP99,
        CpuPerRoundTrip, AllocatedPerRoundTrip, MemoryPerConnection,
    ];

    /// <summary>The row of a name as in a recording, with or without a tag; null for one that this version does not know.</summary>
    public static Metric? Find(string name)
    {
        string bare = WithoutTag(name);
        return All.FirstOrDefault(m => m.Name == bare) ?? NamedMetric.Find(bare);
    }

    /// <summary>The name of a row without a tag.</summary>
    public static string WithoutTag(string name) => name.IndexOf('[', StringComparison.Ordinal) is >= 0 and var tag ? name[..tag] : name;

    private static Metric Tagged(string name, string title, string group) =>
        new(name, title, "s", group, Duration, Mean) { IsTagged = true };
}
