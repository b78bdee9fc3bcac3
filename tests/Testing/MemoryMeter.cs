using System.Diagnostics;
using System.Net;

namespace RawEcho.Testing;

/// <summary>Measures what one peer of a kind makes a server hold: many of them, and the difference that they make, divided.</summary>
/// <param name="server">Where it listens.</param>
/// <param name="process">Its process.</param>
public sealed class MemoryMeter(IPEndPoint server, int process)
{
    private const int AtATime = 8;

    /// <summary>
    /// Longer than a server needs to see that all is quiet (a window of two seconds that has to begin anew, and a sweep), and to give back
    /// what it does not need any more. Where only one of two looks were behind that, their difference would say nothing.
    /// </summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    private int Accepted => ProcessSockets.CountAccepted(server.Port);

    /// <summary>Bytes for each peer of the kind.</summary>
    /// <param name="load">The kind.</param>
    /// <param name="count">Peers: the more there are, the less weighs what the server does besides.</param>
    /// <param name="enough">It is looked at until so little is found; 0 to look for the whole time.</param>
    /// <param name="patience">How long it is looked at.</param>
    public async Task<double> MeasureAsync(StrangerLoad load, int count, double enough, TimeSpan patience)
    {
        // What the first connections of a kind cost (code, tables, pools) does not depend on their number. They stay open: memory they
        // had freed would be reused by the next ones, and hide what those need.
        IDisposable[] first = await OpenAsync(load, count / 2, 0);
        long before = await FindLeastAsync(0, Settling);
        IDisposable[] open = await OpenAsync(load, count, count / 2);
        long after = await FindLeastAsync(before + (long)(enough * count), patience);
        await DisposeAsync([.. first, .. open]);
        return (after - before) / (double)count;
    }

    private async Task<IDisposable[]> OpenAsync(StrangerLoad load, int count, int others)
    {
        var open = new IDisposable[count];
        await Parallel.ForAsync(
            0, count, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (i, _) => open[i] = await load.OpenAsync(server));
        if (load.Remains) await DisposeAsync(open);
        // What is connected has been accepted by the kernel; the server may be behind.
        else await TimeLimit.Until(() => Accepted >= others + count, $"{count} times '{load.Name}'");
        return open;
    }

    private async Task DisposeAsync(IDisposable[] open)
    {
        foreach (IDisposable one in open) one.Dispose();
        await TimeLimit.Until(() => Accepted == 0, "the end of connections that were closed");
    }

    // The least of several looks: garbage comes and goes.
    private async Task<long> FindLeastAsync(long enough, TimeSpan patience)
    {
        long least = long.MaxValue;
        for (var clock = Stopwatch.StartNew(); least > enough && clock.Elapsed < patience; await Task.Delay(Step))
            least = Math.Min(least, ProcessMemory.ReadPrivate(process));
        return least;
    }
}
