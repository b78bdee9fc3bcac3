namespace RawEcho.Diagnostics.Proc;

/// <summary>
/// The clock that start times in /proc/PID/stat count on: CLOCK_BOOTTIME of clock_gettime(2). Nobody can set it, so the age of a process is
/// right also after the clock of the day was set back.
/// </summary>
internal static class BootClock
{
    private const int BootTime = 7;

    /// <summary>The age of a process that started at a time of /proc/PID/stat; null when it is not known.</summary>
    public static TimeSpan? AgeSince(long startTicks) => KernelClock.Seconds(BootTime) is { } now
        ? TimeSpan.FromSeconds(Math.Max(0, now - (startTicks / ProcStat.TicksPerSecond)))
        : null;
}
