using System.Runtime.InteropServices;

namespace RawEcho.Diagnostics.Proc;

/// <summary>Reads a clock of the kernel by clock_gettime(2).</summary>
internal static class KernelClock
{
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>Seconds; null when there is no such clock.</summary>
    public static double? Seconds(int clock) =>
        clock_gettime(clock, out ClockReading time) == 0 ? time.Seconds + (time.Nanoseconds / NanosecondsPerSecond) : null;

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
