using RawEcho.Benchmarks.Processes;

namespace RawEcho.Benchmarks.Work;

/// <summary>Turns two looks at a server and the generator's count into figures.</summary>
internal static class ServerFigures
{
    private const double KilobytesPerMegabyte = 1024;

    /// <summary>Looks at a server at both edges of the measured time of its load.</summary>
    /// <param name="server">The server.</param>
    /// <param name="load">The load, which was started.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The figures per round trip with rate and latencies, and what the generator counted.</returns>
    public static async Task<(Sample Sample, LoadResult Result)> MeasureAsync(
        ServerProcess server, LoadGenerator load, CancellationToken cancellation)
    {
        await load.StartedAsync(cancellation);
        ProcSample before = server.Sample();
        await load.EndedAsync(cancellation);
        ProcSample after = server.Sample();
        LoadResult result = await load.FinishAsync(cancellation);
        Sample sample = PerUnit(before, after, result.RoundTrips);
        AddLatency(sample, result);
        return (sample, result);
    }

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

    /// <summary>Adds the rate and the latencies that the generator measured.</summary>
    public static void AddLatency(Sample sample, LoadResult result)
    {
        sample[Figure.Rate] = result.PerSecond;
        sample[Figure.P50] = result.P50Us;
        sample[Figure.P99] = result.P99Us;
        sample[Figure.P999] = result.P999Us;
    }
}
