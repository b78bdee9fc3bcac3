using RawEcho.Benchmarks.Servers;
using RawEcho.Benchmarks.Work;

namespace RawEcho.Benchmarks.Report;

/// <summary>What RawEcho means to reach as an echo server and as a client.</summary>
internal static class EchoTargets
{
    private const string Own = EchoPeers.RawEcho;

    public static IReadOnlyList<Target> All { get; } =
    [
        new("CPU per round trip, 64 connections, 1-100 B", WorkCatalog.Small, Own, Figure.Cpu, 1.15, EchoPeers.C),
        new("round trips per second, same", WorkCatalog.Small, Own, Figure.Rate, 1.4, EchoPeers.Go, AtLeast: true),
        new("round trips per second, same", WorkCatalog.Small, Own, Figure.Rate, 1.6, EchoPeers.Kestrel, AtLeast: true),
        new("round trips per second, same", WorkCatalog.Small, Own, Figure.Rate, 2, EchoPeers.Simple, AtLeast: true),
        new("p99 latency, same", WorkCatalog.Small, Own, Figure.P99, 1.5, EchoPeers.C),
        new("CPU per 16 KB echo", WorkCatalog.Size16K, Own, Figure.Cpu, 1.1, EchoPeers.C),
        new("CPU per 256 KB echo", WorkCatalog.Size256K, Own, Figure.Cpu, 1.1, EchoPeers.C),
        new(
            "CPU per round trip at 10,000 connections", WorkCatalog.Connections10000, Own, Figure.Cpu, 1.3, Own,
            AgainstWork: WorkCatalog.Small),
        new("full mutual handshake, server CPU", WorkCatalog.Handshake, Own, Figure.Cpu, 1.15, EchoPeers.C),
        new("resumed handshake, server CPU", WorkCatalog.Resumed, Own, Figure.Cpu, 1.5, EchoPeers.C),
        new("idle memory per connection, KB", WorkCatalog.Idle, Own, Figure.IdleMemory, 25),
        new("private memory with 64 busy clients, MB", WorkCatalog.Small, Own, Figure.PrivateMemory, 12),
        new("threads of the server, same", WorkCatalog.Small, Own, Figure.Threads, 10),
        new("the client's own CPU per round trip", WorkCatalog.Client, ClientWork.ClientRow, Figure.Cpu, 1.3, ClientWork.GeneratorRow),
    ];
}
