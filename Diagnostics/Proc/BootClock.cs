using System.Runtime.InteropServices;

namespace RawEcho.Diagnostics.Proc;

/// <summary>
/// The clock that start times in /proc/PID/stat count on: CLOCK_BOOTTIME of clock_gettime(2). Nobody can set it, so the age of a process is
/// right also after the clock of the day was set back.
/// </summary>
internal static class BootClock
{
    private const int BootTime = 7;
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>The age of a process that started at a time of /proc/PID/stat; null when it is not known.</summary>
    public static TimeSpan? AgeSince(long startTicks) => Seconds() is { } now
        ? TimeSpan.FromSeconds(Math.Max(0, now - (startTicks / ProcStat.TicksPerSecond)))
        : null;

    private static double? Seconds() => clock_gettime(BootTime, out ClockReading time) == 0
        ? time.Seconds + (time.Nanoseconds / NanosecondsPerSecond)
        : null;

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int clock_gettime(int clock, out ClockReading time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ClockReading
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
