using RawEcho.Benchmarks.Servers;
using RawEcho.Benchmarks.Work;

namespace RawEcho.Benchmarks.Report;

/// <summary>What RawEcho means to reach as an echo server and as a client, native or with the just-in-time compiler.</summary>
internal static class EchoTargets
{
    private static readonly string[] Server = [EchoPeers.RawEcho, EchoPeers.Native];
    private static readonly string[] Watched = [WatchedWork.WatchedRow, WatchedWork.NativeRow];
    private static readonly string[] Client = [ClientWork.ClientRow, ClientWork.NativeRow];

    public static IReadOnlyList<Target> All { get; } =
    [
        new("CPU per echo, 64 connections, 1-100 B", WorkCatalog.Small, Server, Figure.Cpu, 1.02, EchoPeers.Bare),
        new("the same", WorkCatalog.Small, Server, Figure.Cpu, 1.2, EchoPeers.C),
        new("the same", WorkCatalog.Small, Server, Figure.Cpu, 1.15, EchoPeers.Go),
        new("p99 latency, same", WorkCatalog.Small, Server, Figure.P99, 1.5, EchoPeers.C),
        new("echoes per second, same", WorkCatalog.Small, Server, Figure.Rate, 1.6, EchoPeers.Kestrel, AtLeast: true),
        new("CPU per echo, 8 in flight on each connection", WorkCatalog.Depth8, Server, Figure.Cpu, 1, EchoPeers.C),
        new("CPU per echo, 64 in flight", WorkCatalog.Depth64, Server, Figure.Cpu, 1, EchoPeers.C),
        new("CPU per 16 KB echo", WorkCatalog.Size16K, Server, Figure.Cpu, 1.1, EchoPeers.C),
        new("CPU per 256 KB echo", WorkCatalog.Size256K, Server, Figure.Cpu, 1.1, EchoPeers.C),
        new("CPU per echo, 1,000 connections", WorkCatalog.Connections1000, Server, Figure.Cpu, 1.3, EchoPeers.C),
        new("full mutual handshake, server CPU", WorkCatalog.Handshake, Server, Figure.Cpu, 1.25, EchoPeers.C),
        new("resumed handshake, server CPU", WorkCatalog.Resumed, Server, Figure.Cpu, 1.4, EchoPeers.C),
        new("idle memory per connection, KB", WorkCatalog.Idle, Server, Figure.IdleMemory, 25),
        new("private memory with 64 busy clients, MB", WorkCatalog.Small, Server, Figure.PrivateMemory, 8),
        new("threads of the server, same", WorkCatalog.Small, Server, Figure.Threads, 9),
        new("start-up to listening, ms", WorkCatalog.Start, Server, Figure.StartTime, 25),
        new("the client's own CPU per echo", WorkCatalog.Client, Client, Figure.Cpu, 1.25, ClientWork.GeneratorRow),
        new("CPU per echo of a watched server", WorkCatalog.Watched, Watched, Figure.Cpu, 1.02, EchoPeers.RawEcho),
        new("p99 latency of a watched server", WorkCatalog.Watched, Watched, Figure.P99, 1.2, EchoPeers.RawEcho),
        new("CPU of the watcher", WorkCatalog.Watched, Watched, Figure.Watcher, 1, WatchedWork.CountersRow),
    ];
}
