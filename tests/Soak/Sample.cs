using RawEcho.Testing;

namespace RawEcho.Soak;

/// <summary>What a process holds at a moment of rest (Linux, /proc).</summary>
/// <param name="At">Since the start of the soak.</param>
/// <param name="NativeMiB">Memory of its own outside the garbage collector: malloc (OpenSSL), stacks, compiled code; MiB.</param>
/// <param name="HeapMiB">The garbage collector's heap after its last collection, MiB.</param>
/// <param name="CommittedMiB">What the garbage collector had committed after its last collection, MiB.</param>
/// <param name="PrivateMiB">All memory of its own (RssAnon), MiB.</param>
/// <param name="Sockets">Open file descriptors that are sockets: files stay open for code that was loaded.</param>
/// <param name="Threads">Threads.</param>
internal sealed record Sample(TimeSpan At, double NativeMiB, double HeapMiB, double CommittedMiB, double PrivateMiB, double Sockets, double Threads)
{
    private const double Mebi = 1 << 20;

    public static Sample Take(int process, TimeSpan at, CollectorState collector)
    {
        ProcessMemory memory = ProcessMemory.Read(process);
        return new Sample(
            at, memory.Native / Mebi, collector.Heap / Mebi, collector.Committed / Mebi, memory.Private / Mebi, CountSockets(process), Directory.GetDirectories($"/proc/{process}/task").Length);
    }

    /// <summary>The median of each measure: one look in a minute may meet a collection that was late.</summary>
    public static Sample Median(IReadOnlyList<Sample> samples)
    {
        return new Sample(
            samples[^1].At, Of(s => s.NativeMiB), Of(s => s.HeapMiB), Of(s => s.CommittedMiB), Of(s => s.PrivateMiB), Of(s => s.Sockets), Of(s => s.Threads));

        double Of(Func<Sample, double> measure) => Trend.Median(samples.Select(measure));
    }

    public static int CountSockets(int process) => Directory.GetFiles($"/proc/{process}/fd").Count(IsSocket);

    private static bool IsSocket(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            // It was closed while it was looked at.
            return false;
        }
    }
}
