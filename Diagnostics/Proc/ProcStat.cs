using System.Globalization;
using RawEcho.Diagnostics.Printing;

namespace RawEcho.Diagnostics.Proc;

/// <summary>What is needed of /proc/PID/stat or /proc/PID/task/TID/stat; see proc_pid_stat(5).</summary>
/// <param name="Name">The name of the program or thread, at most 15 bytes; what a terminal cannot print is replaced.</param>
/// <param name="State">R, S, D, T (stopped), Z (ended, and not yet waited for) and so on.</param>
/// <param name="Parent">The PID of the parent.</param>
/// <param name="UserTicks">CPU time in user space, in ticks of <see cref="TicksPerSecond"/>.</param>
/// <param name="SystemTicks">CPU time in the kernel, likewise.</param>
/// <param name="StartTicks">Start, in ticks since boot.</param>
internal readonly record struct ProcStat(string Name, char State, int Parent, long UserTicks, long SystemTicks, long StartTicks)
{
    /// <summary>USER_HZ: 100 on every architecture that .NET runs on.</summary>
    public const double TicksPerSecond = 100;

    // PF_KTHREAD of include/linux/sched.h.
    private const long KernelThreadFlag = 0x0020_0000;

    /// <summary>Whether it is a thread of the kernel, which runs no program.</summary>
    public bool IsKernelThread { get; init; }

    /// <summary>Takes a line apart. Null for null.</summary>
    public static ProcStat? Parse(string? line)
    {
        if (line is null) return null;
        // The name stands in parentheses and may hold anything, parentheses included.
        int open = line.IndexOf('(', StringComparison.Ordinal);
        int close = line.LastIndexOf(')');
        if (open < 0 || close < open) return null;
        // Field 3 of the manual is the first one behind the name.
        string[] fields = line[(close + 2)..].Split(' ');
        return new ProcStat(PrintableText.Of(line[(open + 1)..close]), fields[0][0], (int)Number(1), Number(11), Number(12), Number(19))
        {
            IsKernelThread = (Number(6) & KernelThreadFlag) != 0,
        };

        long Number(int index) => long.Parse(fields[index], CultureInfo.InvariantCulture);
    }

    public static ProcStat? Of(int pid) => Parse(ProcFile.Read(pid, "stat"));
}
