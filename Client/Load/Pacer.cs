using System.Diagnostics;

namespace RawEcho.Client.Load;

/// <summary>
/// Says to each connection when its next message is due: one thread that walks along the schedule and sleeps in between, instead of a
/// timer for each message or connection. Several share a schedule when one could not keep up.
/// </summary>
internal sealed class Pacer
{
    // What one thread can encrypt and send with room to spare, messages a second.
    private const double RatePerThread = 50_000;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMilliseconds(50);

    private readonly LoadRun _run;
    private readonly Func<int, IPacedSender?> _connections;
    private readonly int _number;
    private readonly int _count;

    private Pacer(LoadRun run, Func<int, IPacedSender?> connections, int number, int count) =>
        (_run, _connections, _number, _count) = (run, connections, number, count);

    /// <summary>Starts as many as the rate needs.</summary>
    /// <param name="run">A run that has started, with a rate.</param>
    /// <param name="connections">The connection of a number, as it is now; null while there is none.</param>
    /// <returns>Completes when the last one has ended, with the run.</returns>
    public static Task RunAll(LoadRun run, Func<int, IPacedSender?> connections)
    {
        int count = Math.Clamp((int)(run.Shape.OwnPeakRate / RatePerThread), 1, Environment.ProcessorCount);
        return Task.WhenAll(Enumerable.Range(0, count).Select(number => Task.Factory.StartNew(
            new Pacer(run, connections, number, count).Run,
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
    }

    private void Run()
    {
        PreciseSleep.PrepareThread();
        RateSchedule schedule = _run.Schedule!;
        FleetShare share = _run.Shape.Share;
        long now = Stopwatch.GetTimestamp();
        for (long k = _number; !_run.IsStopping; k += _count)
        {
            long due = schedule.DueAt(share.MessageOf(k));
            if (due >= _run.EndAt) return;
            while (due > now && !_run.IsStopping)
            {
                // In steps, because a stop must not wait for the next message of a slow rate.
                long until = Math.Min(due, now + LoadRun.Ticks(LongestSleep));
                if (_number == 0) _run.Pauses.FallAsleep(until);
                PreciseSleep.Until(until);
                now = Stopwatch.GetTimestamp();
                if (_number == 0) _run.Pauses.WakeUp(now);
            }

            _ = _connections((int)(k % share.Clients))?.SendDueAsync(now);
        }
    }
}
