namespace RawEcho.Engine;

/// <summary>What is set for the whole process; see <see cref="Hosting.EngineProcess.Configure"/>.</summary>
public sealed record EngineProcessOptions
{
    /// <summary>
    /// Event loops, count; default 0 for one per processor. An event loop is a thread that waits for sockets and runs handlers; on Windows
    /// the thread pool does both, and the number has no effect.
    /// </summary>
    public int EventLoops { get; init; }

    /// <exception cref="EngineOptionException">A value cannot be.</exception>
    internal EngineProcessOptions Validated()
    {
        const int maxLoops = 1024;
        EngineOptions.Check(EventLoops is >= 0 and <= maxLoops, nameof(EventLoops), $"must be 0 to {maxLoops}");
        return this;
    }
}
