using System.Runtime.InteropServices;

namespace RawEcho.Benchmarks.Processes;

/// <summary>What .NET does not offer: the processor clock of another process, that of ended children, an interrupt signal.</summary>
internal static partial class Native
{
    private const int Children = -1;
    private const int Interrupt = 2;

    /// <summary>CPU time of a process, ended threads included, in nanoseconds; /proc has it only in ticks of 10 ms.</summary>
    public static long ProcessNanoseconds(int id)
    {
        if (GetClock(id, out int clock) != 0 || GetTime(clock, out TimeSpec time) != 0)
            throw new BenchFailure($"The processor time of process {id} cannot be read: it has ended.");
        return ((long)time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    /// <summary>CPU time of all children that have ended and were waited for, in microseconds.</summary>
    public static (long User, long System) EndedChildrenMicroseconds()
    {
        _ = GetUsage(Children, out Usage usage);
        return (usage.User.Microseconds, usage.System.Microseconds);
    }

    public static void SendInterrupt(int id) => _ = Kill(id, Interrupt);

    [LibraryImport("libc", EntryPoint = "clock_getcpuclockid")]
    private static partial int GetClock(int id, out int clock);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetUsage(int who, out Usage usage);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int id, int signal);

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    private struct TimeValue
    {
        public nint Seconds;
        public nint Part;

        public readonly long Microseconds => ((long)Seconds * 1_000_000) + Part;
    }

    // struct rusage: two times and 14 numbers, with some room to spare.
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct Usage
    {
        public TimeValue User;
        public TimeValue System;
    }
}
