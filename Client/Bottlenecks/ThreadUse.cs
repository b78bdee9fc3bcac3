using System.Globalization;

namespace RawEcho.Client.Bottlenecks;

/// <summary>
/// How long each thread of this process ran and how long it waited for a processor, since its start (/proc/self/task/TID/schedstat). A
/// thread that does one or the other all the time is a bottleneck, whether its own work fills a processor or others take it.
/// </summary>
internal sealed class ThreadUse
{
    // A thread that does the work of a run does so much of it, of four or five at most.
    private const double LeastShare = 0.15;

    private readonly Dictionary<string, (long Ran, long Waited)> _threads;

    private ThreadUse(Dictionary<string, (long Ran, long Waited)> threads) => _threads = threads;

    /// <summary>Now; null where the system does not tell.</summary>
    public static ThreadUse? Now()
    {
        const string folder = "/proc/self/task";
        if (!OperatingSystem.IsLinux()) return null;
        var threads = new Dictionary<string, (long Ran, long Waited)>();
        try
        {
            foreach (string thread in Directory.EnumerateDirectories(folder))
            {
                if (Read(Path.Combine(thread, "schedstat")) is { } times) threads[thread] = times;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return threads.Count == 0 ? null : new ThreadUse(threads);
    }

    /// <summary>What has happened since.</summary>
    /// <param name="before">An earlier moment.</param>
    /// <param name="time">The time in between.</param>
    public ThreadShares Since(ThreadUse before, TimeSpan time)
    {
        const double nanosecondsPerSecond = 1e9;
        (double Ran, double Waited)[] shares =
        [
            .. _threads.Select(t =>
            {
                (long ran, long waited) = before._threads.GetValueOrDefault(t.Key);
                double scale = nanosecondsPerSecond * time.TotalSeconds;
                return ((t.Value.Ran - ran) / scale, (t.Value.Waited - waited) / scale);
            }),
        ];
        // A thread of the runtime that does next to nothing may wait for a long time without any harm.
        double least = Math.Min(shares.Sum(s => s.Ran) * LeastShare, shares.Max(s => s.Ran));
        (double busiestRan, double busiestWaited) = shares.Where(s => s.Ran >= least).MaxBy(s => s.Ran + s.Waited);
        return new ThreadShares(busiestRan, busiestWaited);
    }

    // "ran waited timeslices", the first two in nanoseconds. A thread may end meanwhile.
    private static (long Ran, long Waited)? Read(string file)
    {
        string[] words;
        try
        {
            words = File.ReadAllText(file).Split(' ');
        }
        catch (IOException)
        {
            return null;
        }

        bool isKnown = long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out long ran);
        return isKnown && words.Length > 1 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long waited)
            ? (ran, waited)
            : null;
    }
}

/// <summary>What the threads of this process did with their time; 1 is all of the time of one thread.</summary>
/// <param name="BusiestRan">How much the busiest one ran.</param>
/// <param name="BusiestWaited">How much it was ready to run and had no processor.</param>
internal readonly record struct ThreadShares(double BusiestRan, double BusiestWaited);
