namespace RawEcho.Benchmarks.Work;

/// <summary>One kind of figure.</summary>
/// <param name="Name">As in JSON.</param>
/// <param name="Title">As in tables, with its unit.</param>
/// <param name="Format">How a value is written.</param>
/// <param name="HasRatio">Whether its ratio to the first row is shown.</param>
internal sealed record Figure(string Name, string Title, string Format, bool HasRatio = false)
{
    public static readonly Figure Cpu = new("cpu_us", "CPU us", "0.00", HasRatio: true);
    public static readonly Figure User = new("user_us", "user us", "0.00");
    public static readonly Figure System = new("system_us", "system us", "0.00");
    public static readonly Figure Rate = new("per_second", "per s", "N0", HasRatio: true);
    public static readonly Figure PerCpuSecond = new("per_cpu_second", "per CPU s", "N0", HasRatio: true);
    public static readonly Figure P50 = new("p50_us", "p50 us", "N0");
    public static readonly Figure P99 = new("p99_us", "p99 us", "N0", HasRatio: true);
    public static readonly Figure P999 = new("p999_us", "p99.9 us", "N0");
    public static readonly Figure Switches = new("context_switches", "switches", "0.000");
    public static readonly Figure SystemCalls = new("system_calls", "syscalls", "0.00");
    public static readonly Figure Threads = new("threads", "threads", "0");
    public static readonly Figure PrivateMemory = new("private_mb", "private MB", "0.0");
    public static readonly Figure PeakMemory = new("peak_mb", "peak MB", "0.0");
    public static readonly Figure IdleMemory = new("idle_kb", "KB/connection", "0.0", HasRatio: true);
    public static readonly Figure MemoryFew = new("private_few_mb", "MB at 1,000", "0.0");
    public static readonly Figure MemoryMany = new("private_many_mb", "MB at 5,000", "0.0");
    public static readonly Figure ConnectTime = new("connect_seconds", "connecting s", "0.0", HasRatio: true);
    public static readonly Figure Processes = new("processes", "processes", "0");
    public static readonly Figure StartTime = new("start_ms", "ms to listening", "0", HasRatio: true);
    public static readonly Figure Watcher = new("watcher_ms", "watcher ms/s", "0.0");
    public static readonly Figure BalancerCpu = new("haproxy_us", "HAProxy us", "0.00");
    public static readonly Figure DirectCpu = new("direct_us", "without, CPU us", "0.00");
    public static readonly Figure HeaderPercent = new("header_percent", "header, % of it", "0.0");
    public static readonly Figure HandshakePercent = new("handshake_percent", "header, % of a handshake", "0.00");
    public static readonly Figure Resumed = new("resumed_percent", "resumed %", "0");
}
