namespace RawEcho.Engine.Hosting;

/// <summary>
/// Finds the moments at which a pause of the process disturbs nobody: over two seconds there were fewer than 200 operations a second,
/// and the process used less than a fifth of one processor, whatever for. Some connections that echo a few times a second, or a health
/// check every second, do not keep a process from being quiet.
/// </summary>
internal sealed class QuietWatch
{
    private const double MostOperations = 200;
    private const double MostProcessors = 0.2;
    private const long Window = 2000;

    private Activity _before;
    private long _windowStart;
    private bool _hasStarted;

    /// <summary>Looks whether the process is quiet. Called every second or more often.</summary>
    /// <param name="now">The moment, on the clock of Environment.TickCount64 (milliseconds).</param>
    /// <param name="activity">What there was until now; asked only when a window of two seconds is over.</param>
    /// <returns>True at the end of a quiet window, once.</returns>
    public bool IsQuiet(long now, Func<Activity> activity)
    {
        long elapsed = now - _windowStart;
        if (_hasStarted && elapsed < Window) return false;
        Activity until = activity();
        bool quiet = _hasStarted
            && until.Operations - _before.Operations < MostOperations * elapsed / 1000
            && (until.ProcessorTime - _before.ProcessorTime).TotalMilliseconds < MostProcessors * elapsed;
        (_hasStarted, _windowStart, _before) = (true, now, until);
        return quiet;
    }

    /// <summary>What there was since the start.</summary>
    /// <param name="Operations">Reads that gave data, and connections that came, went or were refused.</param>
    /// <param name="ProcessorTime">What the process has used.</param>
    internal readonly record struct Activity(long Operations, TimeSpan ProcessorTime);
}
