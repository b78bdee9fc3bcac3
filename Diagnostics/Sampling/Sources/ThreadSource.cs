using System.Diagnostics;
using System.Globalization;
using RawEcho.Diagnostics.Proc;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Sampling.Sources;

/// <summary>The busiest threads by name, and context switches of all: from /proc/PID/task.</summary>
internal sealed class ThreadSource(int pid) : ISampleSource
{
    private const int Shown = 5;
    private const double Percent = 100;
    private const double NanosecondsPerSecond = 1e9;

    private Dictionary<int, Usage> _before = [];
    private long _at;

    public void Collect(SampleValues values)
    {
        long now = Stopwatch.GetTimestamp();
        Dictionary<int, Usage> after = [];
        foreach (string path in ProcFile.List(pid, "task"))
        {
            int id = int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture);
            if (Look(path) is { } usage) after[id] = usage;
        }

        if (_at != 0 && after.Count > 0) Compare(values, after, Stopwatch.GetElapsedTime(_at, now).TotalSeconds);
        (_before, _at) = (after, now);
    }

    private void Compare(SampleValues values, Dictionary<int, Usage> after, double seconds)
    {
        // Thread by thread: one that has ended takes its counts with it, and the sum of all could go back.
        double switches = after.Sum(t => Math.Max(0, t.Value.Switches - Before(t.Key).Switches));
        values.Set(MetricCatalog.Switches, switches / seconds);
        IEnumerable<(int Id, string Name, double Cpu)> busiest = after
            .Select(t => (t.Key, t.Value.Name, Cpu: (t.Value.Cpu - Before(t.Key).Cpu) / seconds * Percent))
            .OrderByDescending(t => t.Cpu)
            .Take(Shown);
        foreach ((int id, string name, double cpu) in busiest)
        {
            if (cpu > 0) values.Set(MetricCatalog.BusiestThreads, $"{name} {id}", cpu);
        }

        Usage Before(int id) => _before.GetValueOrDefault(id);
    }

    private static Usage? Look(string path)
    {
        if (ProcStat.Parse(ProcFile.Read($"{path}/stat")) is not { } stat) return null;
        if (ProcStatus.Parse(ProcFile.Read($"{path}/status")) is not { } status) return null;
        // To the nanosecond where the kernel counts so (CONFIG_SCHED_INFO), in ticks where it does not.
        double cpu = ProcFile.Read($"{path}/schedstat")?.Split(' ') is [var run, _, ..]
            && long.TryParse(run, CultureInfo.InvariantCulture, out long nanoseconds)
            ? nanoseconds / NanosecondsPerSecond
            : (stat.UserTicks + stat.SystemTicks) / ProcStat.TicksPerSecond;
        long switches = (status.Number("voluntary_ctxt_switches") ?? 0) + (status.Number("nonvoluntary_ctxt_switches") ?? 0);
        return new Usage(stat.Name, cpu, switches);
    }

    private readonly record struct Usage(string Name, double Cpu, long Switches);
}
