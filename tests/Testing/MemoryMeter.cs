using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RawEcho.Testing;

/// <summary>Measures what one peer of a kind makes a server hold: many of them, and the difference that they make, divided.</summary>
/// <param name="server">Where it listens.</param>
/// <param name="process">Its process.</param>
public sealed class MemoryMeter(IPEndPoint server, int process)
{
    private const int AtATime = 8;
    private const int Times = 3;

    // More than a server waits for before it trims its memory again.
    private const int Visitors = 200;

    /// <summary>
    /// Longer than a server needs to see that all is quiet (a window of two seconds that has to begin anew, and a sweep), and to give back
    /// what it does not need any more. Where only one of two looks were behind that, their difference would say nothing.
    /// </summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    private int Accepted => ProcessSockets.CountAccepted(server.Port);

    /// <summary>Bytes for each peer of the kind.</summary>
    /// <param name="load">The kind.</param>
    /// <param name="count">Peers: the more there are, the less weighs what the server does besides.</param>
    /// <param name="enough">So little is not questioned: else as many peers come again, up to three times. 0 for one time.</param>
    public async Task<double> MeasureAsync(StrangerLoad load, int count, double enough)
    {
        // What the first connections of a kind cost (code, tables, pools) does not depend on their number. They stay open: memory they
        // had freed would be reused by the next ones, and hide what those need.
        List<IDisposable> open = [.. await OpenAsync(load, count / 2, 0)];
        long before = await FindLeastAsync(0);
        double least = double.MaxValue;
        // Code that is compiled again at last is megabytes, once. What the peers make the server hold is there each time.
        for (int times = enough > 0 ? Times : 1; times > 0 && least > enough; times--)
        {
            open.AddRange(await OpenAsync(load, count, load.Remains ? 0 : open.Count));
            long after = await FindLeastAsync(before + (long)(enough * count));
            least = Math.Min(least, (after - before) / (double)count);
            before = after;
        }

        await DisposeAsync(open);
        return least;
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

    // A server that trimmed its memory while the peers came would keep the garbage of the last ones, since so few are no reason to trim it
    // again. Connections that come and go without a byte are one, and leave next to nothing themselves.
    private async Task VisitAsync()
    {
        int others = Accepted;
        await Parallel.ForAsync(
            0, Visitors, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (_, cancellation) =>
            {
                using var visitor = new TcpClient();
                await visitor.ConnectAsync(server, cancellation);
            });
        await TimeLimit.Until(() => Accepted <= others, "the end of connections without a byte");
    }

    private async Task DisposeAsync(IReadOnlyCollection<IDisposable> open)
    {
        foreach (IDisposable one in open) one.Dispose();
        await TimeLimit.Until(() => Accepted == 0, "the end of connections that were closed");
    }

    // The least of several looks: garbage comes and goes.
    private async Task<long> FindLeastAsync(long enough)
    {
        await VisitAsync();
        long least = long.MaxValue;
        for (var clock = Stopwatch.StartNew(); least > enough && clock.Elapsed < Settling; await Task.Delay(Step))
            least = Math.Min(least, ProcessMemory.ReadPrivate(process));
        return least;
    }
}
