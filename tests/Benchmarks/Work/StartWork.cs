using System.Diagnostics;
using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>From the start of a server's process to the line that says where it listens, and what it holds then.</summary>
internal sealed class StartWork() : WorkItem(WorkCatalog.Start, "start-up to listening, and what the process holds a second later")
{
    // Files are in the page cache after the first one, which is not counted.
    private const int Starts = 5;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    public override string Unit => "start";

    public override IReadOnlyList<Subject> Subjects(WorkContext context) =>
        [.. context.Catalog.Peers.Select(peer => new Subject(peer.Name, peer.Title, c => MeasureAsync(context, peer, c)))];

    private static async Task<Sample> MeasureAsync(WorkContext context, Peer peer, CancellationToken cancellation)
    {
        var job = new ServerJob(context.Ecdsa, ServerJob.DefaultTls, Connections: 1);
        double[] times = new double[Starts];
        for (int i = -1; i < Starts; i++)
        {
            long start = Stopwatch.GetTimestamp();
            using ServerProcess server = await ServerProcess.StartAsync(peer, job, context.Cores.Server, cancellation);
            double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (i >= 0) times[i] = time;
            if (i < Starts - 1) continue;
            await Task.Delay(Rest, cancellation);
            ProcSample held = server.Sample();
            Array.Sort(times);
            return new Sample
            {
                [Figure.StartTime] = times[Starts / 2],
                [Figure.Threads] = held.Threads,
                [Figure.PrivateMemory] = held.PrivateKilobytes / 1024.0,
                [Figure.PeakMemory] = held.PeakKilobytes / 1024.0,
            };
        }

        throw new UnreachableException();
    }
}
