using RawEcho.Benchmarks.Report;
using RawEcho.Benchmarks.Servers;
using RawEcho.Benchmarks.Work;

namespace RawEcho.Benchmarks;

/// <summary>What one command measures.</summary>
/// <param name="Items">All its work, in the order in which it is done.</param>
/// <param name="Peers">The names of its servers.</param>
/// <param name="Measure">What the first server is called, by which the others are measured.</param>
/// <param name="Targets">What is meant to be reached.</param>
/// <param name="Conditions">What holds for all its servers and loads, in a sentence.</param>
/// <param name="BuildGeneratorAsync">Builds its load generator: the program.</param>
/// <param name="BuildPeersAsync">Builds the servers that the options ask for.</param>
internal sealed record BenchPlan(
    IReadOnlyList<WorkItem> Items,
    IReadOnlyCollection<string> Peers,
    string Measure,
    IReadOnlyList<Target> Targets,
    string Conditions,
    Func<PeerBuilder, Task<string>> BuildGeneratorAsync,
    Func<Layout, PeerBuilder, BenchOptions, Task<PeerCatalog>> BuildPeersAsync)
{
    /// <summary>The echo servers under small and large messages, many connections and handshakes.</summary>
    public static BenchPlan Echo { get; } = new(
        WorkCatalog.All,
        EchoPeers.Names,
        "the C server",
        EchoTargets.All,
        "mutual TLS, one cipher suite (AES-256-GCM) and X25519 for all; TLS 1.3 unless a title says otherwise; every echo compared",
        builder => builder.BuildGeneratorAsync("load", ["Benchmarks/load/echo", "Benchmarks/load/shared"], "libssl-dev"),
        (layout, builder, options) => EchoPeers.BuildAsync(layout, builder, options.Peers, options.Before));

    /// <summary>HTTP: one ASP.NET Core application on Kestrel's transport and on RawEcho's, and the same answers from Go.</summary>
    public static BenchPlan Http { get; } = new(
        HttpCatalog.All,
        HttpPeers.Names,
        "stock Kestrel",
        HttpTargets.All,
        "mutual TLS 1.3, one cipher suite (AES-256-GCM) and X25519 for all; every response compared, head and body",
        builder => builder.BuildGeneratorAsync(
            "http-load", ["Benchmarks/load/http", "Benchmarks/load/shared"], "libssl-dev libnghttp2-dev", "-lnghttp2"),
        (_, builder, options) => HttpPeers.BuildAsync(builder, options.Peers));

    /// <summary>rawecho-server directly, with a header of the PROXY protocol, and behind HAProxy with and without its TLS.</summary>
    public static BenchPlan Haproxy { get; } = new(
        HaproxyCatalog.All,
        HaproxyPeers.Names,
        "the direct connection",
        HaproxyTargets.All,
        "mutual TLS 1.3, one cipher suite (AES-256-GCM) and X25519 between generator and whoever ends its TLS; every echo compared; "
            + "HAProxy as deploy/haproxy has it, on one core",
        builder => builder.BuildGeneratorAsync("load", ["Benchmarks/load/echo", "Benchmarks/load/shared"], "libssl-dev"),
        (layout, _, options) => Task.FromResult(HaproxyPeers.Find(layout, options.Peers)));

    public IReadOnlyCollection<string> Names { get; } = [.. Items.Select(i => i.Name)];

    /// <summary>Those that the options ask for, in the order of the plan.</summary>
    public IReadOnlyList<WorkItem> Choose(BenchOptions options) =>
        [.. Items.Where(i => options.Items.Length > 0 ? options.Items.Contains(i.Name) : options.Quick ? i.Quick : !i.OnDemand)];
}
