using static RawEcho.Diagnostics.Rows.Aggregation;
using static RawEcho.Diagnostics.Rows.MetricFormat;

namespace RawEcho.Diagnostics.Rows;

/// <summary>Every row there is. A name, once published, keeps its meaning: recordings outlive versions.</summary>
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
        CpuPerRoundTrip, AllocatedPerRoundTrip, MemoryPerConnection,
    ];

    /// <summary>The row of a name as in a recording, with or without a tag; null for one that this version does not know.</summary>
    public static Metric? Find(string name)
    {
        int bracket = name.IndexOf('[', StringComparison.Ordinal);
        string bare = bracket < 0 ? name : name[..bracket];
        return All.FirstOrDefault(m => m.Name == bare);
    }
}
