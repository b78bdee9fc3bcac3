using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>
/// What a second core is worth to the server: one event loop on one core, and two on two. Where the machine has no more than two cores, the
/// generator takes its part of them; then the CPU time of a round trip says more than the rate.
/// </summary>
internal sealed class CoresWork()
    : WorkItem(WorkCatalog.OneAndTwoCores, "rawecho-server on one core and on two, 64 connections, messages of 1 to 100 bytes")
{
    private const int Connections = 64;
    private const int MinSize = 1;
    private const int MaxSize = 100;
    private const double WarmUp = 2;
    private const double Seconds = 4;

    public override string? Obstacle =>
        Environment.ProcessorCount < 2 || Tool.Find("taskset") is null ? "it needs two cores, and taskset" : null;

    public override IReadOnlyList<Subject> Subjects(WorkContext context) =>
    [
        .. context.Catalog.Peers.Where(p => p.Name is EchoPeers.RawEcho or EchoPeers.Native).SelectMany(peer => new[]
        {
            new Subject($"{peer.Name}-1", $"{peer.Title}, one core", c => MeasureAsync(context, peer, Last(1), Others(1), c)),
            new Subject($"{peer.Name}-2", $"{peer.Title}, two cores", c => MeasureAsync(context, peer, Last(2), Others(2), c)),
        }),
    ];

    private static string Last(int count) => $"{Environment.ProcessorCount - count}-{Environment.ProcessorCount - 1}";

    // Without any left, all: then it shares those of the server.
    private static string? Others(int count) =>
        Environment.ProcessorCount > count ? $"0-{Environment.ProcessorCount - count - 1}" : null;

    private static async Task<Sample> MeasureAsync(
        WorkContext context, Peer peer, string cores, string? generatorCores, CancellationToken cancellation)
    {
        var job = new ServerJob(context.Ecdsa, ServerJob.DefaultTls, Connections);
        using ServerProcess server = await ServerProcess.StartAsync(peer, job, cores, cancellation);
        using var load = new LoadGenerator(
            context.Generator, "load", server.Port, context.Ecdsa, job.Tls, generatorCores, Connections, MinSize, MaxSize,
            WarmUp * context.Scale, Seconds * context.Scale, 1);
        return (await ServerFigures.MeasureAsync(server, load, cancellation)).Sample;
    }
}
