using RawEcho.Benchmarks.Processes;
using RawEcho.Benchmarks.Servers;

namespace RawEcho.Benchmarks.Work;

/// <summary>Counts system calls per round trip, in a run of its own, since a tracer disturbs the times.</summary>
internal static class SystemCallWork
{
    private const double WarmUp = 2;
    private const double Seconds = 1.8;

    // The part of the warm-up with the handshakes and most of the compilation.
    private static readonly TimeSpan UntracedTime = TimeSpan.FromSeconds(1.2);

    /// <summary>Starts the load on a server: warm-up and measured time in seconds.</summary>
    public delegate LoadGenerator StartLoad(WorkContext context, ServerProcess server, double warmUp, double seconds);

    public static async Task<Sample> CountAsync(
        WorkContext context, Peer peer, int connections, StartLoad startLoad, CancellationToken cancellation)
    {
        var job = new ServerJob(context.Ecdsa, ServerJob.DefaultTls, connections);
        using ServerProcess server = await ServerProcess.StartAsync(peer, job, context.Cores.Server, cancellation);
        using LoadGenerator load = startLoad(context, server, WarmUp, Seconds);
        await Task.Delay(UntracedTime, cancellation);
        Task start = load.StartedAsync(cancellation);
        Task end = EndAsync(load, start, cancellation);
        // Counted per second and divided by round trips per second: a tracer does not start at an exact moment.
        double? perSecond = await context.SystemCalls.PerSecondAsync(server.Id, start, end, cancellation);
        await end;
        LoadResult result = await load.FinishAsync(cancellation);
        return perSecond is { } count ? new Sample { [Figure.SystemCalls] = count / result.PerSecond } : [];
    }

    private static async Task EndAsync(LoadGenerator load, Task start, CancellationToken cancellation)
    {
        await start;
        await load.EndedAsync(cancellation);
    }
}
