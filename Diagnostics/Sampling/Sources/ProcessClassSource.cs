using System.ComponentModel;
using System.Diagnostics;
using RawEcho.Diagnostics.Proc;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Sampling.Sources;

/// <summary>Values from System.Diagnostics.Process, where there is no /proc: Windows and macOS.</summary>
internal sealed class ProcessClassSource(int pid) : ISampleSource
{
    private const double Percent = 100;

    private Rate _total;
    private Rate _user;
    private Rate _system;

    public void Collect(SampleValues values)
    {
        try
        {
            using Process process = Process.GetProcessById(pid);
            double? cpu = _total.Next(process.TotalProcessorTime.TotalSeconds) * Percent;
            values.Set(MetricCatalog.Cpu, cpu);
            values.Set(MetricCatalog.CpuMachine, cpu / MachineFacts.Processors);
            values.Set(MetricCatalog.CpuUser, _user.Next(process.UserProcessorTime.TotalSeconds) * Percent);
            values.Set(MetricCatalog.CpuSystem, _system.Next(process.PrivilegedProcessorTime.TotalSeconds) * Percent);
            values.Set(MetricCatalog.WorkingSet, process.WorkingSet64);
            values.Set(MetricCatalog.Peak, process.PeakWorkingSet64 > 0 ? process.PeakWorkingSet64 : null);
            values.Set(MetricCatalog.OsThreads, process.Threads.Count);
            // Elsewhere this is address space, not memory.
            if (OperatingSystem.IsWindows()) values.Set(MetricCatalog.Private, process.PrivateMemorySize64);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or NotSupportedException)
        {
            // It has ended, or may not be looked at: its rows are absent.
        }
    }
}
