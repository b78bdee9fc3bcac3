using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>
/// Very many connections, each of which echoes a message once in a while. A process may open so many descriptors and no more; so they are
/// spread over as many servers as that takes, each with a generator of its own. That nothing is lost, the generators see to.
/// </summary>
internal sealed class ManyWork(int connections) : WorkItem(
    WorkCatalog.Connections100000,
    $"{connections:N0} connections, each of which echoes 1 to 100 bytes every {EverySeconds} s")
{
    private const int EverySeconds = 10;
    private const int MinSize = 1;
    private const int MaxSize = 100;
    private const double Seconds = 20;
    private const int OtherDescriptors = 200;
    // Ports of one address to another one, as Linux gives them out.
    private const int PortsForOneServer = 28_000;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    public override IReadOnlyList<Subject> Subjects(WorkContext context) =>
        [.. context.Catalog.Peers.Select(peer => new Subject(peer.Name, peer.Title, c => MeasureAsync(context, peer, c)))];

    private async Task<Sample> MeasureAsync(WorkContext context, Peer peer, CancellationToken cancellation)
    {
        int most = (int)Math.Min(DescriptorLimit.Hard - OtherDescriptors, PortsForOneServer);
        int processes = (connections + most - 1) / most;
        var all = new List<Pair>();
        try
        {
            for (int i = 0; i < processes; i++)
            {
                int share = (connections / processes) + (i < connections % processes ? 1 : 0);
                var job = new ServerJob(context.Ecdsa, ServerJob.DefaultTls, share);
                all.Add(new Pair(await ServerProcess.StartAsync(peer, job, context.Cores.Server, cancellation), share));
            }

            ProcSample empty = Look(all);
            foreach (Pair pair in all)
            {
                pair.Load = new LoadGenerator(
                    context.Generator, "many", pair.Server.Port, context.Ecdsa, ServerJob.DefaultTls, context.Cores.Generator,
                    pair.Share, MinSize, MaxSize, pair.Share / (double)EverySeconds, Seconds * context.Scale);
                await pair.Load.ConnectedAsync(cancellation);
            }

            await Task.Delay(Rest, cancellation);
            return await EchoAsync(all, empty, cancellation);
        }
        finally
        {
            foreach (Pair pair in all) pair.Dispose();
        }
    }

    private async Task<Sample> EchoAsync(List<Pair> all, ProcSample empty, CancellationToken cancellation)
    {
        foreach (Pair pair in all) pair.Load!.Begin();
        foreach (Pair pair in all) await pair.Load!.StartedAsync(cancellation);
        ProcSample before = Look(all);
        foreach (Pair pair in all) await pair.Load!.EndedAsync(cancellation);
        ProcSample after = Look(all);
        LoadResult[] results = new LoadResult[all.Count];
        for (int i = 0; i < results.Length; i++) results[i] = await all[i].Load!.FinishAsync(cancellation);
        Sample sample = ServerFigures.PerUnit(before, after, results.Sum(r => r.RoundTrips));
        sample[Figure.IdleMemory] = (after.PrivateKilobytes - empty.PrivateKilobytes) / (double)connections;
        sample[Figure.ConnectTime] = results.Sum(r => r.ConnectSeconds);
        sample[Figure.Rate] = results.Sum(r => r.PerSecond);
        // A percentile of several is none of all; the slowest one is a bound.
        sample[Figure.P99] = results.Max(r => r.P99Us);
        sample[Figure.Processes] = all.Count;
        return sample;
    }

    private static ProcSample Look(List<Pair> all) => ProcSample.Sum([.. all.Select(p => p.Server.Sample())]);

    private sealed class Pair(ServerProcess server, int share) : IDisposable
    {
        public ServerProcess Server => server;

        public int Share => share;

        public LoadGenerator? Load { get; set; }

        public void Dispose()
        {
            Load?.Dispose();
            server.Dispose();
        }
    }
}
