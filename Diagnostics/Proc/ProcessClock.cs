using System.Runtime.InteropServices;

namespace RawEcho.Diagnostics.Proc;

/// <summary>
/// CPU time of a whole process, ended threads included, to the nanosecond: see clock_gettime(2) and clock_getcpuclockid(3).
/// </summary>
internal static class ProcessClock
{
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>Seconds; null when the process is gone.</summary>
    public static double? Seconds(int pid) =>
        clock_gettime(ClockOf(pid), out ClockReading time) == 0 ? time.Seconds + (time.Nanoseconds / NanosecondsPerSecond) : null;

    // How Linux writes "the CPU clock of this process" as a number: its PID inverted, above three bits for the kind.
    private static int ClockOf(int pid)
    {
        const int kindBits = 3, scheduled = 2;
        return (~pid << kindBits) | scheduled;
    }

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
