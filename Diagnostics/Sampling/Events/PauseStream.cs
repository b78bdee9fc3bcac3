using System.Diagnostics;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>
/// The GC's pauses, each from the moment at which the runtime begins to suspend its threads until they run again, by the events
/// of the runtime itself: no pause between two samples is missed, and the longest is exact.
/// </summary>
/// <param name="sure">
/// A pause whose end has not been heard of for so long lasts on. Until then the end may be under way: the runtime sends its events ten
/// times a second, and on a busy machine they come later.
/// </param>
internal sealed class PauseStream(TimeSpan sure)
{
    private const double Percent = 100;
    private const double MillisecondsPerSecond = 1000;
    private const double ShortestInterval = 1e-3;

    private readonly Lock _lock = new();
    private double? _suspendedAt;
    private long _suspensionArrived;
    private double _counted;
    private double _paused;
    private double _longest;
    private long _since = Stopwatch.GetTimestamp();

    /// <summary>Sure after a second.</summary>
    public PauseStream()
        : this(TimeSpan.FromSeconds(1))
    {
    }

    public void Follow(TraceEventDispatcher source)
    {
        ClrTraceEventParser clr = source.Clr;
        clr.GCSuspendEEStart += OnSuspend;
        clr.GCRestartEEStop += OnRestart;
    }

    /// <summary>
    /// Pauses since the last call. A pause that lasts on counts as far as it has come, so that one of many intervals fills them all. What
    /// was heard of too late for its own interval is told in the next ones: the mean over all intervals is right.
    /// </summary>
    /// <returns>The share of the time, in percent, and the longest one in seconds; 0 when there was none.</returns>
    public (double Percent, double Longest) Take()
    {
        lock (_lock)
        {
            double seconds = Math.Max(Stopwatch.GetElapsedTime(_since).TotalSeconds, ShortestInterval);
            TimeSpan since = Stopwatch.GetElapsedTime(_suspensionArrived);
            if (_suspendedAt is not null && since >= sure) Count(since.TotalSeconds);
            double now = Math.Clamp(_paused, 0, seconds);
            (double, double) taken = (now / seconds * Percent, _longest);
            (_paused, _longest, _since) = (_paused - now, 0, Stopwatch.GetTimestamp());
            return taken;
        }
    }

    /// <summary>The runtime begins to suspend its threads for a collection, or for something else.</summary>
    internal void Suspend(double milliseconds, bool isForGc)
    {
        lock (_lock) (_suspendedAt, _suspensionArrived, _counted) = (isForGc ? milliseconds : null, Stopwatch.GetTimestamp(), 0);
    }

    /// <summary>Its threads run again.</summary>
    internal void Restart(double milliseconds)
    {
        lock (_lock)
        {
            if (_suspendedAt is not { } start) return;
            double length = (milliseconds - start) / MillisecondsPerSecond;
            // It was over before that was heard: what was counted too much is no pause of the next intervals.
            if (length < _counted) _paused -= _counted - length;
            Count(length);
            _suspendedAt = null;
        }
    }

    // Threads are suspended for other reasons too: a debugger, code that is replaced.
    private void OnSuspend(GCSuspendEETraceData e) => Suspend(
        e.TimeStampRelativeMSec, e.Reason is GCSuspendEEReason.SuspendForGC or GCSuspendEEReason.SuspendForGCPrep);

    private void OnRestart(GCNoUserDataTraceData e) => Restart(e.TimeStampRelativeMSec);

    // The whole length so far of the pause: what was counted of it already is not counted again.
    private void Count(double length)
    {
        _paused += Math.Max(0, length - _counted);
        _counted = Math.Max(_counted, length);
        _longest = Math.Max(_longest, length);
    }
}
