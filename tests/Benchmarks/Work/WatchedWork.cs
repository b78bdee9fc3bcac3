using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>
/// What it costs the server to be watched: alone, and with rawecho-diagnostics attached, in alternating rounds. The tool is
/// not pinned: it takes its own CPU time where the system gives it, as it does for a user.
/// </summary>
internal sealed class WatchedWork()
    : WorkItem(WorkCatalog.Watched, "rawecho-server alone and watched by rawecho-diagnostics, 64 connections, messages of 1 to 100 bytes")
{
    /// <summary>The row of the server that is watched.</summary>
    public const string WatchedRow = "watched";

    private const int Connections = 64;
    private const int MinSize = 1;
    private const int MaxSize = 100;
    // Attaching takes its time, and compiles code in the server: both are over before the measured time begins.
    private const double WarmUp = 5;
    private const double Seconds = 6;

    public override IReadOnlyList<Subject> Subjects(WorkContext context) =>
    [
        new Subject(EchoPeers.RawEcho, "alone", c => MeasureAsync(context, isWatched: false, c)),
        new Subject(WatchedRow, "watched", c => MeasureAsync(context, isWatched: true, c)),
    ];

    private static async Task<Sample> MeasureAsync(WorkContext context, bool isWatched, CancellationToken cancellation)
    {
        Peer peer = context.Catalog.Peers.FirstOrDefault(p => p.Name == EchoPeers.RawEcho)
            ?? throw new BenchFailure("it is rawecho that is watched, and --peers leaves it out.");
        using ServerProcess server = await ServerProcess.StartAsync(
            peer, new ServerJob(context.Ecdsa, ServerJob.DefaultTls, Connections), context.Cores.Server, cancellation);
        using var load = new LoadGenerator(
            context.Generator, "load", server.Port, context.Ecdsa, ServerJob.DefaultTls, context.Cores.Generator,
            Connections, MinSize, MaxSize, WarmUp * context.Scale, Seconds * context.Scale, 1);
        using ChildProcess? watcher =
            isWatched ? ChildProcess.Start(context.Layout.Program("rawecho-diagnostics"), ["watch", $"{server.Id}"]) : null;
        // Its rows are taken, or it would stand still with a full pipe.
        Task<bool> reading = watcher is null ? Task.FromResult(true) : SawRoundTripsAsync(watcher, cancellation);
        (Sample sample, _) = await ServerFigures.MeasureAsync(server, load, cancellation);
        watcher?.Dispose();
        if (!await reading) throw new BenchFailure("rawecho-diagnostics told no round trips: the server was not watched.");
        return sample;
    }

    private static async Task<bool> SawRoundTripsAsync(ChildProcess watcher, CancellationToken cancellation)
    {
        bool saw = false;
        while (await watcher.Output.ReadLineAsync(cancellation) is { } line) saw |= line.Contains("round trips", StringComparison.Ordinal);
        return saw;
    }
}
