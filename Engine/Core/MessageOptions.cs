namespace RawEcho.Engine;

/// <summary>
/// How the messages of a host are bounded and where their memory comes from. See docs/engine.md for what a peer can make a server hold.
/// </summary>
public sealed record MessageOptions
{
    internal static MessageOptions Default { get; } = new();

    /// <summary>
    /// The largest content of a message that is received, bytes; default 1 MiB. A larger one ends the connection before any of what is
    /// too much is stored.
    /// </summary>
    public int MaxMessageBytes { get; init; } = 1024 * 1024;

    /// <summary>From the first byte of a message to its last; default 60 s. Timeout.InfiniteTimeSpan for no limit.</summary>
    public TimeSpan MessageTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Answers are sent when this many bytes of them have come together, or when there is no message left to read; default 65,536 bytes.
    /// </summary>
    public int FlushBytes { get; init; } = 64 * 1024;

    /// <summary>The blocks that messages are made of, bytes; default 4,096.</summary>
    public int BlockBytes { get; init; } = 4 * 1024;

    /// <summary>
    /// Blocks of this many bytes together are kept for the next messages; default 16 MiB. More are made when they are needed, and left
    /// to the collector.
    /// </summary>
    public long MaxPooledBytes { get; init; } = 16 * 1024 * 1024;

    /// <exception cref="EngineOptionException">A value cannot be.</exception>
    internal void Validate()
    {
        const int leastBlock = 256, largestBlock = 1024 * 1024;
        EngineOptions.Check(MaxMessageBytes >= 0, nameof(MaxMessageBytes), "must not be negative");
        EngineOptions.CheckTime(MessageTimeout, nameof(MessageTimeout));
        EngineOptions.Check(FlushBytes > 0, nameof(FlushBytes), "must be positive");
        EngineOptions.Check(BlockBytes is >= leastBlock and <= largestBlock, nameof(BlockBytes), $"must be {leastBlock} to {largestBlock}");
        EngineOptions.Check(MaxPooledBytes >= 0, nameof(MaxPooledBytes), "must not be negative");
    }
}
