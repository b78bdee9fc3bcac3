namespace RawEcho.Diagnostics.Proc;

/// <summary>
/// CPU time of a whole process, ended threads included, to the nanosecond: see clock_gettime(2) and clock_getcpuclockid(3).
/// </summary>
internal static class ProcessClock
{
    /// <summary>Seconds; null when the process is gone.</summary>
    public static double? Seconds(int pid) => KernelClock.Seconds(ClockOf(pid));

    // How Linux writes "the CPU clock of this process" as a number: its PID inverted, above three bits for the kind.
    private static int ClockOf(int pid)
    {
        const int kindBits = 3, scheduled = 2;
        return (~pid << kindBits) | scheduled;
    }
}
