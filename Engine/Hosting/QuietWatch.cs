namespace RawEcho.Engine.Hosting;

/// <summary>
/// Finds the moments at which a pause of the process disturbs nobody: for two seconds it has used less than 5 % of one processor, whatever
/// for. Some connections that echo a few times a second, or a health check every second, do not keep a process from being quiet.
/// </summary>
internal sealed class QuietWatch
{
    private const double MostProcessorTime = 0.05;
    private const long Window = 2000;

    private TimeSpan _usedBefore;
    private long _windowStart;
    private bool _hasStarted;

    /// <summary>Looks whether the process is quiet. Called every second or more often.</summary>
    /// <param name="now">The moment, on the clock of Environment.TickCount64 (milliseconds).</param>
    /// <param name="processorTime">What the process has used so far; asked only when a window of two seconds is over.</param>
    /// <returns>True at the end of a quiet window, once.</returns>
    public bool IsQuiet(long now, Func<TimeSpan> processorTime)
    {
        long elapsed = now - _windowStart;
        if (_hasStarted && elapsed < Window) return false;
        TimeSpan used = processorTime();
        bool quiet = _hasStarted && (used - _usedBefore).TotalMilliseconds < MostProcessorTime * elapsed;
        (_hasStarted, _windowStart, _usedBefore) = (true, now, used);
        return quiet;
    }
}
