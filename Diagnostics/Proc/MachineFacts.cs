using System.Globalization;

namespace RawEcho.Diagnostics.Proc;

/// <summary>
/// Processors and memory of the whole machine, whatever limits this program was started with: CPU affinity, a cgroup, or a variable such as
/// DOTNET_PROCESSOR_COUNT or DOTNET_GCHeapHardLimit changes what the runtime reports about the machine.
/// </summary>
internal static class MachineFacts
{
    private const string Online = "/sys/devices/system/cpu/online";
    private const string Memory = "/proc/meminfo";

    /// <summary>Logical processors that are online, count.</summary>
    public static int Processors { get; } =
        (OperatingSystem.IsLinux() && ProcFile.Read(Online) is { } list ? Count(list) : null) ?? Environment.ProcessorCount;

    /// <summary>Physical memory in bytes; null when it is not known.</summary>
    public static long? MemoryBytes { get; } = OperatingSystem.IsLinux()
        ? (long?)ProcStatus.Parse(ProcFile.Read(Memory))?.Bytes("MemTotal")
        : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes is > 0 and var bytes ? bytes : null;

    /// <summary>The members of a list such as "0-3,8"; null when it is none.</summary>
    public static int? Count(string list)
    {
        int count = 0;
        foreach (string range in list.Trim().Split(','))
        {
            string[] ends = range.Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out int first) || !TryNumber(ends[^1], out int last) || last < first) return null;
            count += last - first + 1;
        }

        return count;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
