namespace RawEcho.Benchmarks.Processes;

/// <summary>Which core the server gets and which the generator, as taskset(1) takes them; null where the system cannot pin.</summary>
internal sealed record Cores(string? Server, string? Generator)
{
    public string Description => Server is null
        ? "not pinned: this machine has one core, or no taskset"
        : $"server on core {Server}, generator on core {Generator}";

    /// <summary>
    /// The core of a balancer between the two: one of its own where there are three, or the generator's; null where nothing is pinned. The
    /// CPU time of each process is its own; rates and latencies suffer where two of them share a core.
    /// </summary>
    public string? Balancer => Server is null ? null : Environment.ProcessorCount > 2 ? $"{Environment.ProcessorCount - 3}" : Generator;

    /// <summary>The last two cores: interrupts and the rest of the system tend to the first ones.</summary>
    public static Cores Choose()
    {
        int count = Environment.ProcessorCount;
        return count < 2 || Tool.Find("taskset") is null ? new Cores(null, null) : new Cores($"{count - 1}", $"{count - 2}");
    }
}
