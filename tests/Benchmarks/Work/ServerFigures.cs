using RawEcho.Benchmarks.Processes;

namespace RawEcho.Benchmarks.Work;

/// <summary>Turns two looks at a server and the generator's count into figures.</summary>
internal static class ServerFigures
{
    private const double KilobytesPerMegabyte = 1024;
    private const double NanosecondsPerMillisecond = 1e6;

    /// <summary>Looks at a server at both edges of the measured time of its load.</summary>
    /// <param name="server">The server.</param>
    /// <param name="load">The load, which was started.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <param name="watcher">Who watches the server meanwhile, and whose CPU time is wanted as well; null for nobody.</param>
    /// <returns>The figures per round trip with rate and latencies, and what the generator counted.</returns>
    public static async Task<(Sample Sample, LoadResult Result)> MeasureAsync(
        ServerProcess server, LoadGenerator load, CancellationToken cancellation, ChildProcess? watcher = null)
    {
        await load.StartedAsync(cancellation);
        (ProcSample before, long watcherBefore) = (server.Sample(), CpuOf(watcher));
        await load.EndedAsync(cancellation);
        (ProcSample after, long watcherAfter) = (server.Sample(), CpuOf(watcher));
        LoadResult result = await load.FinishAsync(cancellation);
        Sample sample = PerUnit(before, after, result.RoundTrips);
        AddLatency(sample, result);
        if (watcher is not null) sample[Figure.Watcher] = (watcherAfter - watcherBefore) / NanosecondsPerMillisecond / result.Seconds;
        return (sample, result);
    }

    private static long CpuOf(ChildProcess? process) => process is null ? 0 : Native.ProcessNanoseconds(process.Id);

    /// <summary>CPU time and context switches per unit of work, threads, memory.</summary>
    /// <param name="before">At START.</param>
    /// <param name="after">At END.</param>
    /// <param name="units">Round trips or handshakes in between.</param>
    public static Sample PerUnit(ProcSample before, ProcSample after, long units)
    {
        if (units == 0) throw new BenchFailure("nothing was echoed in the measured time.");
        double cpu = (after.CpuNanoseconds - before.CpuNanoseconds) / 1000.0 / units;
        long user = after.UserTicks - before.UserTicks;
        long system = after.SystemTicks - before.SystemTicks;
        double userShare = user + system == 0 ? 0 : (double)user / (user + system);
        return new Sample
        {
            [Figure.Cpu] = cpu,
            [Figure.User] = cpu * userShare,
            [Figure.System] = cpu * (1 - userShare),
            [Figure.Switches] = Math.Max(0, after.Switches - before.Switches) / (double)units,
            [Figure.Threads] = after.Threads,
            [Figure.PrivateMemory] = after.PrivateKilobytes / KilobytesPerMegabyte,
            [Figure.PeakMemory] = after.PeakKilobytes / KilobytesPerMegabyte,
        };
    }

    private static void AddLatency(Sample sample, LoadResult result)
    {
        sample[Figure.Rate] = result.PerSecond;
        sample[Figure.P50] = result.P50Us;
        sample[Figure.P99] = result.P99Us;
        sample[Figure.P999] = result.P999Us;
    }
}
