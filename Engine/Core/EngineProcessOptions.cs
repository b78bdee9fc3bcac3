namespace RawEcho.Engine;

/// <summary>What is set for the whole process; see <see cref="Hosting.EngineProcess.Configure"/>.</summary>
public sealed record EngineProcessOptions
{
    /// <summary>
    /// Event loops, count; default 0 for one per processor. An event loop is a thread that waits for sockets and runs handlers; on Windows
    /// the thread pool does both, and the number has no effect.
    /// </summary>
    public int EventLoops { get; init; }

    /// <summary>
    /// True (the default) to run what follows an operation of a socket on the event loop that saw its end. That holds for every socket of
    /// the process, those of HttpClient or a database included: code that blocks after it has awaited one of them would hold up a loop.
    /// False for the thread pool, as the runtime does it by itself; <see cref="EventLoops"/> has no effect then.
    /// </summary>
    public bool UseEventLoops { get; init; } = true;

    /// <exception cref="EngineOptionException">A value cannot be.</exception>
    internal EngineProcessOptions Validated()
    {
        const int maxLoops = 1024;
        EngineOptions.Check(EventLoops is >= 0 and <= maxLoops, nameof(EventLoops), $"must be 0 to {maxLoops}");
        return this;
    }
}
