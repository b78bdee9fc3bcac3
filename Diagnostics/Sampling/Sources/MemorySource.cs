using RawEcho.Diagnostics.Proc;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Sampling.Sources;

/// <summary>
/// Memory, from /proc/PID/status. "Private" is memory that no file backs, resident or swapped out: what the process would
/// free if it ended. The working set counts libraries too, which all .NET processes share.
/// </summary>
internal sealed class MemorySource(int pid) : ISampleSource
{
    public void Collect(SampleValues values)
    {
        if (ProcStatus.Of(pid) is not { } status) return;
        values.Set(MetricCatalog.WorkingSet, status.Bytes("VmRSS"));
        values.Set(MetricCatalog.Private, status.Bytes("RssAnon") + (status.Bytes("VmSwap") ?? 0));
        values.Set(MetricCatalog.Peak, status.Bytes("VmHWM"));
        values.Set(MetricCatalog.OsThreads, status.Number("Threads"));
    }
}
