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
internal sealed record Sample(
    TimeSpan At, double NativeMiB, double HeapMiB, double CommittedMiB, double PrivateMiB, int Sockets, int Threads)
{
    private const double Mebi = 1 << 20;

    public static Sample Take(int process, TimeSpan at, CollectorState collector)
    {
        ProcessMemory memory = ProcessMemory.Read(process);
        return new Sample(
            at, memory.Native / Mebi, collector.Heap / Mebi, collector.Committed / Mebi, memory.Private / Mebi,
            ProcessSockets.Count(process), Directory.GetDirectories($"/proc/{process}/task").Length);
    }

    /// <summary>The least of each measure: what is above it was garbage that no collection had come for.</summary>
    public static Sample Least(IReadOnlyList<Sample> samples) => new(
        samples[^1].At,
        samples.Min(s => s.NativeMiB),
        samples.Min(s => s.HeapMiB),
        samples.Min(s => s.CommittedMiB),
        samples.Min(s => s.PrivateMiB),
        samples.Min(s => s.Sockets),
        samples.Min(s => s.Threads));
}
