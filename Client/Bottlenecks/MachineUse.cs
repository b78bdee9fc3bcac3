using System.Globalization;

namespace RawEcho.Client.Bottlenecks;

/// <summary>How long the processors of this machine were busy since its start, and how long there were any (/proc/stat).</summary>
/// <param name="Busy">Ticks of the kernel in which a processor worked, or was taken by another virtual machine.</param>
/// <param name="All">Ticks in all.</param>
internal readonly record struct MachineUse(long Busy, long All)
{
    /// <summary>Now; null where the system does not tell.</summary>
    public static MachineUse? Now()
    {
        // cpu user nice system idle iowait irq softirq steal guest guest_nice; what guests use is in user and nice already (proc(5)).
        const string file = "/proc/stat";
        const int counted = 8, idle = 3, waitsForDisk = 4;
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            string first = File.ReadLines(file).First();
            long[] ticks =
            [
                .. first.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(counted)
                    .Select(t => long.Parse(t, NumberStyles.None, CultureInfo.InvariantCulture)),
            ];
            long all = ticks.Sum();
            return ticks.Length < counted ? null : new MachineUse(all - ticks[idle] - ticks[waitsForDisk], all);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Which share of its processors' time was used since; null when no tick has passed.</summary>
    public double? ShareSince(MachineUse before) => All > before.All ? (double)(Busy - before.Busy) / (All - before.All) : null;
}
