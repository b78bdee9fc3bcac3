using RawEcho.Diagnostics.Proc;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Sampling.Sources;

/// <summary>CPU time, from the process clock; its split into user and system, from /proc/PID/stat.</summary>
internal sealed class CpuSource(int pid) : ISampleSource
{
    private const double Percent = 100;

    private Rate _total;
    private Rate _user;
    private Rate _system;

    public void Collect(SampleValues values)
    {
        if (ProcStat.Of(pid) is not { } stat) return;
        double? user = _user.Next(stat.UserTicks / ProcStat.TicksPerSecond) * Percent;
        double? system = _system.Next(stat.SystemTicks / ProcStat.TicksPerSecond) * Percent;
        double? cpu = _total.Next(ProcessClock.Seconds(pid)) * Percent;
        values.Set(MetricCatalog.Cpu, cpu);
        values.Set(MetricCatalog.CpuMachine, cpu / MachineFacts.Processors);
        // Ticks are coarse, so they only divide the CPU time of the clock; below one tick the shares are unknown.
        bool divides = user + system > 0;
        values.Set(MetricCatalog.CpuUser, divides ? cpu * user / (user + system) : null);
        values.Set(MetricCatalog.CpuSystem, divides ? cpu * system / (user + system) : null);
    }
}
