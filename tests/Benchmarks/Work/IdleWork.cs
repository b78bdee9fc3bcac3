using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>
/// Memory of a connection at rest: the slope of private memory between a thousand and five thousand connections, each
/// after one message and some seconds of rest. A slope, because what a server needs of itself is none of a connection's.
/// </summary>
/// <param name="title">What the connections do before they rest.</param>
/// <param name="open">Opens so many connections, and holds them until its input ends.</param>
internal sealed class IdleWork(string title, Func<WorkContext, ServerProcess, int, LoadGenerator> open)
    : WorkItem(WorkCatalog.Idle, title)
{
    public const int Few = 1_000;
    public const int Many = 5_000;
    private const int OtherDescriptors = 200;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    public override string Unit => "connection";

    public override string? Obstacle => DescriptorLimit.Hard < Many + OtherDescriptors
        ? $"it needs {Many + OtherDescriptors} descriptors in a process, and {DescriptorLimit.Hard} are allowed (ulimit -Hn)"
        : null;

    public override IReadOnlyList<Subject> Subjects(WorkContext context) =>
        [.. context.Catalog.Peers.Select(peer => new Subject(peer.Name, peer.Title, c => MeasureAsync(context, peer, c)))];

    private async Task<Sample> MeasureAsync(WorkContext context, Peer peer, CancellationToken cancellation)
    {
        var job = new ServerJob(context.Ecdsa, ServerJob.DefaultTls, Many);
        using ServerProcess server = await ServerProcess.StartAsync(peer, job, context.Cores.Server, cancellation);
        using LoadGenerator first = open(context, server, Few);
        ProcSample few = await RestAsync(first, server, cancellation);
        using LoadGenerator second = open(context, server, Many - Few);
        ProcSample many = await RestAsync(second, server, cancellation);
        await second.FinishAsync(cancellation);
        await first.FinishAsync(cancellation);
        return new Sample
        {
            [Figure.IdleMemory] = (many.PrivateKilobytes - few.PrivateKilobytes) / (double)(Many - Few),
            [Figure.MemoryFew] = few.PrivateKilobytes / 1024.0,
            [Figure.MemoryMany] = many.PrivateKilobytes / 1024.0,
            [Figure.PeakMemory] = many.PeakKilobytes / 1024.0,
            [Figure.Threads] = many.Threads,
        };
    }

    private static async Task<ProcSample> RestAsync(LoadGenerator load, ServerProcess server, CancellationToken cancellation)
    {
        await load.StartedAsync(cancellation);
        await Task.Delay(Rest, cancellation);
        return server.Sample();
    }
}
