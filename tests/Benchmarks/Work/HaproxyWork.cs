using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>A load on each way to the server: what it costs the server, and what it costs HAProxy.</summary>
/// <param name="name">As on the command line.</param>
/// <param name="title">What the load is.</param>
/// <param name="load">The load.</param>
internal sealed class HaproxyWork(string name, string title, HaproxyLoad load) : WorkItem(name, title)
{
    public override string Unit => load.Unit;

    public override IReadOnlyList<Subject> Subjects(WorkContext context) =>
        [.. context.Catalog.Peers.Select(peer => new Subject(peer.Name, peer.Title, c => load.MeasureAsync(context, peer, c)))];
}

/// <summary>
/// What a header costs, in pairs: without, with, with, without, so that a machine that gets slower or faster favours neither. The figure of
/// a round is that of its pair.
/// </summary>
internal sealed class HeaderWork(string name, string title, HaproxyLoad load) : WorkItem(name, title)
{
    public override string Unit => load.Unit;

    public override IReadOnlyList<Subject> Subjects(WorkContext context) =>
        context.Catalog.Peers.FirstOrDefault(p => p.Name == HaproxyPeers.Header) is { } header
            ? [new Subject(HaproxyPeers.Header, header.Title, c => MeasureAsync(context, header, c))]
            : [];

    private async Task<Sample> MeasureAsync(WorkContext context, Peer header, CancellationToken cancellation)
    {
        Peer direct = context.Catalog.Baseline;
        double[] cpu = new double[4];
        foreach ((int i, Peer peer) in new[] { direct, header, header, direct }.Index())
            cpu[i] = (await load.MeasureAsync(context, peer, cancellation))[Figure.Cpu];
        (double without, double with) = ((cpu[0] + cpu[3]) / 2, (cpu[1] + cpu[2]) / 2);
        return new Sample
        {
            [Figure.Cpu] = with,
            [Figure.DirectCpu] = without,
            [Figure.HeaderPercent] = 100 * ((with / without) - 1),
        };
    }
}

/// <summary>A load of the generator.</summary>
/// <param name="Mode">load or handshake.</param>
/// <param name="Unit">What a figure is per.</param>
/// <param name="Connections">At a time.</param>
/// <param name="Shape">The arguments of the mode for a warm-up and a time, in seconds.</param>
internal sealed record HaproxyLoad(string Mode, string Unit, int Connections, Func<double, double, object[]> Shape)
{
    private const double WarmUp = 1.5;
    private const double Seconds = 2.5;

    /// <summary>Messages of one size.</summary>
    public static HaproxyLoad Echo(int connections, int size) =>
        new("load", "round trip", connections, (warmUp, seconds) => [connections, size, size, warmUp, seconds, 1]);

    /// <summary>Full handshakes, a few at a time.</summary>
    public static HaproxyLoad Handshakes { get; } =
        new("handshake", "handshake", 8, (warmUp, seconds) => ["full", 8, warmUp, seconds]);

    /// <summary>Measures once, in processes of its own.</summary>
    public async Task<Sample> MeasureAsync(WorkContext context, Peer peer, CancellationToken cancellation)
    {
        string? configuration = HaproxyPeers.Configuration(peer);
        int? admin = configuration is null ? null : HaproxyProcess.FreePorts(1)[0];
        var job = new ServerJob(context.Ecdsa, ServerJob.DefaultTls, Connections) { AdminPort = admin };
        using ServerProcess server = await ServerProcess.StartAsync(peer, job, context.Cores.Server, cancellation);
        using HaproxyProcess? balancer = configuration is null
            ? null
            : await HaproxyProcess.StartAsync(
                context.Layout, configuration, server, admin!.Value, context.Ecdsa, context.Cores.Balancer, cancellation);
        using var generator = new LoadGenerator(
            context.Generator, HaproxyPeers.SendsHeader(peer), Mode, balancer?.Port ?? server.Port, context.Ecdsa, job.Tls,
            context.Cores.Generator, Shape(WarmUp * context.Scale, Seconds * context.Scale));
        return await MeasureAsync(server, balancer, generator, cancellation);
    }

    private static async Task<Sample> MeasureAsync(
        ServerProcess server, HaproxyProcess? balancer, LoadGenerator generator, CancellationToken cancellation)
    {
        const double nanosecondsPerMicrosecond = 1000;
        await generator.StartedAsync(cancellation);
        (ProcSample before, long? balancerBefore) = (server.Sample(), balancer?.CpuNanoseconds);
        await generator.EndedAsync(cancellation);
        (ProcSample after, long? balancerAfter) = (server.Sample(), balancer?.CpuNanoseconds);
        LoadResult result = await generator.FinishAsync(cancellation);
        Sample all = ServerFigures.PerUnit(before, after, result.RoundTrips);
        var sample = new Sample { [Figure.Cpu] = all[Figure.Cpu] };
        if (balancerAfter - balancerBefore is { } cpu) sample[Figure.BalancerCpu] = cpu / nanosecondsPerMicrosecond / result.RoundTrips;
        sample[Figure.Rate] = result.PerSecond;
        sample[Figure.P50] = result.P50Us;
        sample[Figure.P99] = result.P99Us;
        return sample;
    }
}
