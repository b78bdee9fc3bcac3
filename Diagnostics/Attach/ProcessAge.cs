using RawEcho.Diagnostics.Proc;

namespace RawEcho.Diagnostics.Attach;

/// <summary>How long a process has been running.</summary>
internal static class ProcessAge
{
    /// <summary>The age; null when the process is gone, or not known.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="started">Its start by the clock of the day, for systems without /proc; null to ask the system for it.</param>
    public static TimeSpan? Of(int pid, DateTimeOffset? started)
    {
        if (OperatingSystem.IsLinux()) return ProcStat.Of(pid) is { } stat ? BootClock.AgeSince(stat.StartTicks) : null;
        return (started ?? ProcessProbe.StartOf(pid)) is { } at && DateTimeOffset.Now - at is var age && age > TimeSpan.Zero ? age : null;
    }
}
