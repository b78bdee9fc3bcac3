using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>
/// What it costs the server to be watched: alone, with rawecho-diagnostics attached, and with dotnet-counters where that is installed, in
/// alternating rounds. The tools are not pinned: they take their CPU time where the system gives it, as they do for a user.
/// </summary>
internal sealed class WatchedWork()
    : WorkItem(WorkCatalog.Watched, "rawecho-server alone and watched, 64 connections, messages of 1 to 100 bytes")
{
    /// <summary>The row of the server that rawecho-diagnostics watches.</summary>
    public const string WatchedRow = "watched";

    /// <summary>The same by the native executable.</summary>
    public const string NativeRow = "watched-native";

    /// <summary>The row of the server that dotnet-counters watches.</summary>
    public const string CountersRow = "dotnet-counters";

    private const int Connections = 64;
    private const int MinSize = 1;
    private const int MaxSize = 100;
    // Attaching takes its time, and compiles code in the server and in the tool: most of it is over before the measured time begins.
    private const double WarmUp = 8;
    private const double Seconds = 6;
    private const string Counters = "System.Runtime,System.Net.Sockets,System.Net.Security,RawEcho.Engine,RawEcho.Server";

    public override IReadOnlyList<Subject> Subjects(WorkContext context)
    {
        var subjects = new List<Subject>
        {
            new(EchoPeers.RawEcho, "alone", c => MeasureAsync(context, null, c)),
            new(WatchedRow, "watched by rawecho-diagnostics", c => MeasureAsync(
                context, id => ChildProcess.Start(context.Layout.Program("rawecho-diagnostics"), ["watch", $"{id}"]), c)),
        };
        if (context.Layout.NativeProgram("rawecho-diagnostics") is { } native)
        {
            subjects.Add(new(NativeRow, "the same (native)", c => MeasureAsync(
                context, id => ChildProcess.Start(native, ["watch", $"{id}"]), c)));
        }

        if (Tool.Find("dotnet-counters") is { } counters)
        {
            subjects.Add(new(CountersRow, "watched by dotnet-counters", c => MeasureAsync(
                context, id => StartCounters(counters, Path.Combine(context.Layout.Built, "dotnet-counters.csv"), id), c)));
        }

        return subjects;
    }

    private static async Task<Sample> MeasureAsync(WorkContext context, Func<int, ChildProcess>? watch, CancellationToken cancellation)
    {
        Peer peer = context.Catalog.Peers.FirstOrDefault(p => p.Name == EchoPeers.RawEcho)
            ?? throw new BenchFailure("it is rawecho that is watched, and --peers leaves it out.");
        using ServerProcess server = await ServerProcess.StartAsync(
            peer, new ServerJob(context.Ecdsa, ServerJob.DefaultTls, Connections), context.Cores.Server, cancellation);
        using var load = new LoadGenerator(
            context.Generator, "load", server.Port, context.Ecdsa, ServerJob.DefaultTls, context.Cores.Generator,
            Connections, MinSize, MaxSize, WarmUp * context.Scale, Seconds * context.Scale, 1);
        using ChildProcess? watcher = watch?.Invoke(server.Id);
        // Its rows are taken, or it would stand still with a full pipe.
        Task<bool> reading = watcher is null ? Task.FromResult(true) : SawRowsAsync(watcher, cancellation);
        (Sample sample, _) = await ServerFigures.MeasureAsync(server, load, cancellation, watcher);
        watcher?.Dispose();
        if (!await reading) throw new BenchFailure("the watcher told nothing: the server was not watched.");
        return sample;
    }

    private static ChildProcess StartCounters(string program, string file, int id) => ChildProcess.Start(
        program,
        ["collect", "--process-id", $"{id}", "--refresh-interval", "1", "--format", "csv", "--output", file, "--counters", Counters]);

    private static async Task<bool> SawRowsAsync(ChildProcess watcher, CancellationToken cancellation)
    {
        bool saw = false;
        while (await watcher.Output.ReadLineAsync(cancellation) is { } line)
        {
            // A row of ours; of dotnet-counters, that it has begun.
            saw |= line.Contains("round trips", StringComparison.Ordinal)
                || line.Contains("Starting a counter session", StringComparison.Ordinal);
        }

        return saw;
    }
}
