using System.Diagnostics;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>
/// The GC's pauses, each from the moment at which the runtime begins to suspend its threads until they run again, by the events
/// of the runtime itself: no pause between two samples is missed, and the longest is exact.
/// </summary>
internal sealed class PauseStream
{
    private const double Percent = 100;
    private const double MillisecondsPerSecond = 1000;

    private readonly Lock _lock = new();
    private double? _suspendedAt;
    private double _paused;
    private double _longest;
    private long _since = Stopwatch.GetTimestamp();

    public void Follow(TraceEventDispatcher source)
    {
        ClrTraceEventParser clr = source.Clr;
        clr.GCSuspendEEStart += OnSuspend;
        clr.GCRestartEEStop += OnRestart;
    }

    /// <summary>Pauses that ended since the last call.</summary>
    /// <returns>The share of the time, in percent, and the longest one in seconds; 0 when there was none.</returns>
    public (double Percent, double Longest) Take()
    {
        lock (_lock)
        {
            double seconds = Stopwatch.GetElapsedTime(_since).TotalSeconds;
            // Events come a moment late: more than all of the time is a pause of the interval before.
            (double, double) taken = (Math.Min(Percent, _paused / Math.Max(seconds, 1e-3) * Percent), _longest);
            (_paused, _longest, _since) = (0, 0, Stopwatch.GetTimestamp());
            return taken;
        }
    }

    private void OnSuspend(GCSuspendEETraceData e)
    {
        // Threads are suspended for other reasons too: a debugger, code that is replaced.
        bool isForGc = e.Reason is GCSuspendEEReason.SuspendForGC or GCSuspendEEReason.SuspendForGCPrep;
        _suspendedAt = isForGc ? e.TimeStampRelativeMSec : null;
    }

    private void OnRestart(GCNoUserDataTraceData e)
    {
        if (_suspendedAt is not { } start) return;
        _suspendedAt = null;
        double seconds = (e.TimeStampRelativeMSec - start) / MillisecondsPerSecond;
        lock (_lock)
        {
            _paused += seconds;
            _longest = Math.Max(_longest, seconds);
        }
    }
}
