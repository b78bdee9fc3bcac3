using System.Globalization;

namespace RawEcho.Benchmarks.Processes;

/// <summary>Ticks of all cores since the start of the machine: in all, and stolen by the hypervisor for other guests.</summary>
internal readonly record struct HostSample(long Total, long Stolen)
{
    private const int FieldOfSteal = 7;

    public static HostSample Take()
    {
        long[] ticks = [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1).Select(t => long.Parse(t, CultureInfo.InvariantCulture))];
        // Guest time, behind steal, is counted in user time already.
        return new HostSample(ticks.Take(FieldOfSteal + 1).Sum(), ticks[FieldOfSteal]);
    }

    /// <summary>The share of time stolen since <paramref name="earlier"/>, in percent.</summary>
    public double StealSince(HostSample earlier) =>
        Total == earlier.Total ? 0 : 100.0 * (Stolen - earlier.Stolen) / (Total - earlier.Total);
}
