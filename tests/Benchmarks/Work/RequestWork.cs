using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>Connections that make a request, wait for the response, and make the next one.</summary>
internal sealed class RequestWork(string name, string title, HttpTask task) : WorkItem(name, title)
{
    public override string Unit => "request";

    public int Connections { get; init; } = 64;

    /// <summary>Requests at a time on a connection: more than one is HTTP/2.</summary>
    public int Streams { get; init; } = 1;

    /// <summary>Whether each request has a connection of its own.</summary>
    public bool IsNewEachTime { get; init; }

    /// <summary>Seconds until a guarded endpoint is promoted and the compiler, which shares the core with the load, has settled.</summary>
    public double WarmUp { get; init; } = 20;

    public double Seconds { get; init; } = 3;

    /// <summary>Whether system calls are counted, in a run of its own.</summary>
    public bool CountsSystemCalls { get; init; }

    public override IReadOnlyList<Subject> Subjects(WorkContext context) =>
    [
        .. context.Catalog.Peers.Select(peer => new Subject(peer.Name, peer.Title, c => MeasureAsync(context, peer, c))
        {
            MeasureUntimedAsync = CountsSystemCalls && context.SystemCalls.IsAvailable
                ? c => SystemCallWork.CountAsync(context, peer, Connections, Start, c)
                : null,
        }),
    ];

    private async Task<Sample> MeasureAsync(WorkContext context, Peer peer, CancellationToken cancellation)
    {
        var job = new ServerJob(context.Ecdsa, ServerJob.DefaultTls, Connections);
        using ServerProcess server = await ServerProcess.StartAsync(peer, job, context.Cores.Server, cancellation);
        using LoadGenerator load = Start(context, server, WarmUp * context.Scale, Seconds * context.Scale);
        return (await ServerFigures.MeasureAsync(server, load, cancellation)).Sample;
    }

    private LoadGenerator Start(WorkContext context, ServerProcess server, double warmUp, double seconds) =>
        task.Start(context, IsNewEachTime ? "new" : "keep", server, Connections, Streams, warmUp, seconds);
}
