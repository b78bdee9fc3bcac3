namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>An instrument of a meter, by the two names.</summary>
internal readonly record struct Instrument(string Meter, string Name);

/// <summary>
/// The instruments that rows are made of. System.Runtime: https://learn.microsoft.com/dotnet/core/diagnostics/built-in-metrics-runtime
/// (.NET 9 and later). RawEcho.*: by name alone, this program knows no Engine.
/// </summary>
internal static class InstrumentNames
{
    public static readonly Instrument Collections = Runtime("dotnet.gc.collections");
    public static readonly Instrument Allocated = Runtime("dotnet.gc.heap.total_allocated");
    public static readonly Instrument Committed = Runtime("dotnet.gc.last_collection.memory.committed_size");
    public static readonly Instrument HeapSize = Runtime("dotnet.gc.last_collection.heap.size");
    public static readonly Instrument Fragmentation = Runtime("dotnet.gc.last_collection.heap.fragmentation.size");
    public static readonly Instrument PoolThreads = Runtime("dotnet.thread_pool.thread.count");
    public static readonly Instrument PoolItems = Runtime("dotnet.thread_pool.work_item.count");
    public static readonly Instrument PoolQueue = Runtime("dotnet.thread_pool.queue.length");
    public static readonly Instrument Contentions = Runtime("dotnet.monitor.lock_contentions");

    public static readonly Instrument Connections = Engine("rawecho.connections.open");
    public static readonly Instrument Handshakes = Engine("rawecho.tls.handshakes");
    public static readonly Instrument HandshakesFailed = Engine("rawecho.tls.handshakes.failed");
    public static readonly Instrument HandshakesActive = Engine("rawecho.tls.handshakes.active");
    public static readonly Instrument HandshakeFailures = Engine("rawecho.tls.handshakes.failures");
    public static readonly Instrument Sessions = Engine("rawecho.tls.sessions.open");
    public static readonly Instrument ArgsInUse = Engine("rawecho.pool.args.used");
    public static readonly Instrument BuffersInUse = Engine("rawecho.pool.buffers.used");

    public static readonly Instrument ServerRoundTrips = new("RawEcho.Server", "rawecho.roundtrips");
    public static readonly Instrument ClientRoundTrips = new("RawEcho.Client", "rawecho.roundtrips");
    public static readonly Instrument Latency = new("RawEcho.Client", "rawecho.latency");

    public static readonly Instrument RequestDuration = Hosting("http.server.request.duration");
    public static readonly Instrument RequestsActive = Hosting("http.server.active_requests");
    public static readonly Instrument KestrelConnections = Kestrel("kestrel.active_connections");
    public static readonly Instrument KestrelConnectionDuration = Kestrel("kestrel.connection.duration");
    public static readonly Instrument KestrelRejected = Kestrel("kestrel.rejected_connections");
    public static readonly Instrument KestrelQueued = Kestrel("kestrel.queued_connections");
    public static readonly Instrument KestrelRequestsQueued = Kestrel("kestrel.queued_requests");
    public static readonly Instrument KestrelUpgraded = Kestrel("kestrel.upgraded_connections");
    public static readonly Instrument KestrelHandshakeDuration = Kestrel("kestrel.tls_handshake.duration");
    public static readonly Instrument KestrelHandshakesActive = Kestrel("kestrel.active_tls_handshakes");
    public static readonly Instrument LookupDuration = new("System.Net.NameResolution", "dns.lookup.duration");

    /// <summary>Those that every process is asked for whose meters are listened to.</summary>
    public static IReadOnlyList<Instrument> All { get; } =
    [
        Collections, Allocated, Committed, HeapSize, Fragmentation, PoolThreads, PoolItems, PoolQueue, Contentions,
        Connections, Handshakes, HandshakesFailed, HandshakesActive, HandshakeFailures, Sessions, ArgsInUse, BuffersInUse,
        ServerRoundTrips, ClientRoundTrips, Latency,
    ];

    /// <summary>
    /// Those that programs of ASP.NET Core are asked for too:
    /// https://learn.microsoft.com/aspnet/core/log-mon/metrics/built-in and /dotnet/core/diagnostics/built-in-metrics-system-net.
    /// </summary>
    public static IReadOnlyList<Instrument> Web { get; } =
    [
        RequestDuration, RequestsActive, KestrelConnections, KestrelConnectionDuration, KestrelRejected, KestrelQueued,
        KestrelRequestsQueued, KestrelUpgraded, KestrelHandshakeDuration, KestrelHandshakesActive, LookupDuration,
    ];

    private static Instrument Runtime(string name) => new("System.Runtime", name);

    private static Instrument Engine(string name) => new("RawEcho.Engine", name);

    private static Instrument Hosting(string name) => new("Microsoft.AspNetCore.Hosting", name);

    private static Instrument Kestrel(string name) => new("Microsoft.AspNetCore.Server.Kestrel", name);
}
