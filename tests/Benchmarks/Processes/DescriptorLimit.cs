using System.Globalization;

namespace RawEcho.Benchmarks.Processes;

/// <summary>How many files and sockets a process may have open (RLIMIT_NOFILE, the hard limit).</summary>
internal static class DescriptorLimit
{
    private const string Line = "Max open files";

    public static long Hard
    {
        get
        {
            string? line = File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith(Line, StringComparison.Ordinal));
            string[] values = line?[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
            return values.Length > 1 && long.TryParse(values[1], CultureInfo.InvariantCulture, out long hard) ? hard : long.MaxValue;
        }
    }
}
