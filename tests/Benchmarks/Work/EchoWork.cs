using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>Connections that send a message, wait for its echo, and send the next one; or keep several in flight.</summary>
internal sealed class EchoWork(string name, int connections, int minSize, int maxSize, int depth = 1)
    : WorkItem(name, Describe(connections, minSize, maxSize, depth))
{
    // Standard streams, the listener, epoll, files of the runtime.
    private const int OtherDescriptors = 200;

    public string Tls { get; init; } = ServerJob.DefaultTls;

    /// <summary>Seconds until a just-in-time compiler has settled.</summary>
    public double WarmUp { get; init; } = 1.5;

    public double Seconds { get; init; } = 2.5;

    /// <summary>Whether system calls are counted, in a run of its own.</summary>
    public bool CountsSystemCalls { get; init; }

    public override string? Obstacle => DescriptorLimit.Hard < connections + OtherDescriptors
        ? $"it needs {connections + OtherDescriptors} descriptors in a process, and {DescriptorLimit.Hard} are allowed (ulimit -Hn)"
        : null;

    public override IReadOnlyList<Subject> Subjects(WorkContext context) =>
    [
        .. Peers(context).Select(peer => new Subject(peer.Name, peer.Title, c => MeasureAsync(context, peer, c))
        {
            MeasureUntimedAsync = CountsSystemCalls && context.SystemCalls.IsAvailable
                ? c => SystemCallWork.CountAsync(context, peer, connections, StartLoad, c)
                : null,
        }),
    ];

    private static string Describe(int connections, int minSize, int maxSize, int depth)
    {
        string size = minSize == maxSize ? $"{maxSize:N0}" : $"{minSize:N0} to {maxSize:N0}";
        return $"{connections:N0} {(connections == 1 ? "connection" : "connections")}, messages of {size} bytes"
            + (depth == 1 ? "" : $", {depth} of them in flight on each");
    }

    private async Task<Sample> MeasureAsync(WorkContext context, Peer peer, CancellationToken cancellation)
    {
        using ServerProcess server = await StartServerAsync(context, peer, cancellation);
        using LoadGenerator load = StartLoad(context, server, WarmUp * context.Scale, Seconds * context.Scale);
        return (await ServerFigures.MeasureAsync(server, load, cancellation)).Sample;
    }

    private Task<ServerProcess> StartServerAsync(WorkContext context, Peer peer, CancellationToken cancellation) =>
        ServerProcess.StartAsync(peer, new ServerJob(context.Ecdsa, Tls, connections), context.Cores.Server, cancellation);

    private LoadGenerator StartLoad(WorkContext context, ServerProcess server, double warmUp, double seconds) =>
        new(
            context.Generator, "load", server.Port, context.Ecdsa, Tls, context.Cores.Generator,
            connections, minSize, maxSize, warmUp, seconds, depth);
}
