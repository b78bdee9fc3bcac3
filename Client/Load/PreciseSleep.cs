using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RawEcho.Client.Load;

/// <summary>
/// Sleeps until a moment, to within some tens of microseconds: Thread.Sleep counts in whole milliseconds, which would be most of what an
/// open loop measures. On Linux clock_nanosleep(2) does it; elsewhere the last two milliseconds are spent looking at the clock. On Windows
/// a sleep of one millisecond takes up to 16, unless the process asks for a finer timer (timeBeginPeriod).
/// </summary>
internal static class PreciseSleep
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private static readonly bool HasNanosleep =
        OperatingSystem.IsLinux() && Stopwatch.Frequency == NanosecondsPerSecond && IntPtr.Size == sizeof(long);
    private static readonly long Spin = Stopwatch.Frequency / 500;
    private static int _isTimerFine;

    /// <summary>
    /// Asks the kernel to wake this thread on time, and not up to 50 us later (PR_SET_TIMERSLACK, prctl(2)); on Windows, to the
    /// millisecond.
    /// </summary>
    public static void PrepareThread()
    {
        const int setTimerSlack = 29;
        if (HasNanosleep) _ = prctl(setTimerSlack, 1, 0, 0, 0);
        // Once, and for as long as the process lives: it is made to measure.
        else if (OperatingSystem.IsWindows() && Interlocked.Exchange(ref _isTimerFine, 1) == 0) _ = timeBeginPeriod(1);

        [DllImport("libc")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        static extern int prctl(int option, ulong argument2, ulong argument3, ulong argument4, ulong argument5);

        [DllImport("winmm")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        static extern uint timeBeginPeriod(uint milliseconds);
    }

    /// <summary>Returns at <paramref name="time"/> (ticks of <see cref="Stopwatch"/>), or, after a signal, before it.</summary>
    public static void Until(long time)
    {
        if (HasNanosleep)
        {
            // Stopwatch is CLOCK_MONOTONIC here, in nanoseconds. A struct timespec is two longs: seconds and nanoseconds.
            const int monotonic = 1, absolute = 1;
            ReadOnlySpan<long> until = [time / NanosecondsPerSecond, time % NanosecondsPerSecond];
            _ = clock_nanosleep(monotonic, absolute, in until[0], IntPtr.Zero);
            return;
        }

        while (time - Stopwatch.GetTimestamp() is > 0 and var left)
        {
            if (left > Spin) Thread.Sleep(1);
            else Thread.SpinWait(20);
        }

        [DllImport("libc")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        static extern int clock_nanosleep(int clock, int flags, in long timespec, IntPtr remaining);
    }
}
