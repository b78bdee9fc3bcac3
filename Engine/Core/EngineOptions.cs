namespace RawEcho.Engine;

/// <summary>Thrown when an option has a value that cannot be; names the property.</summary>
public sealed class EngineOptionException(string property, string problem) : ArgumentException($"{property} {problem}.", property);

/// <summary>
/// How a host works. Checked once, when the host is made. A time limit of Timeout.InfiniteTimeSpan is off.
/// </summary>
public sealed record EngineOptions
{
    /// <summary>
    /// Open connections, count; default 10,000. One more is accepted and closed at once, before any TLS work. Fewer where file
    /// descriptors leave no room for so many.
    /// </summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>
    /// Open connections from one IPv4 address, or one IPv6 /64, count; default 0 for no limit. One more is accepted and closed at once,
    /// before any TLS work.
    /// </summary>
    public int MaxConnectionsPerAddress { get; init; }

    /// <summary>
    /// Handshakes of accepted connections that compute at a time, count; default 0 for one per processor. One that waits for its peer
    /// does not count.
    /// </summary>
    public int MaxHandshakes { get; init; }

    /// <summary>
    /// Handshakes that may wait for their first turn to compute, count; default 4,096, about what a processor does within the handshake
    /// deadline. One more is closed.
    /// </summary>
    public int MaxHandshakeQueue { get; init; } = 4096;

    /// <summary>
    /// How long a handshake may wait for its first turn to compute; default 3 s, Timeout.InfiniteTimeSpan for no limit. One that has waited
    /// longer is closed. Should be shorter than clients are patient: those that have given up are computed for otherwise.
    /// </summary>
    public TimeSpan MaxHandshakeWait { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>What a peer may send until its handshake is complete, bytes; default 102,400; 0 for no limit.</summary>
    public int MaxHandshakeBytes { get; init; } = 100 * 1024;

    /// <summary>
    /// What a peer may send in records that bring no application data (KeyUpdate, empty records), bytes; default 65,536; 0 for no limit.
    /// Data that follows makes up for it.
    /// </summary>
    public int MaxBytesWithoutData { get; init; } = 64 * 1024;

    /// <summary>
    /// How long a connection may be open; default Timeout.InfiniteTimeSpan. Then it ends at the next moment when nothing of it is in
    /// hand, and after another 20 s in any case.
    /// </summary>
    public TimeSpan MaxLifetime { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Connections for which SocketAsyncEventArgs are made in advance, count; default 64. The rest is made when first needed.
    /// </summary>
    public int PreallocatedConnections { get; init; } = 64;

    /// <summary>Connections that the kernel completes before they are accepted, count; default 4,096 (the kernel may cut it).</summary>
    public int Backlog { get; init; } = 4096;

    /// <summary>Memory kept in recyclable buffers, bytes; default 64 MiB. More is taken when it is needed, but not kept.</summary>
    public long MaxBufferBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long a TCP connect may take; default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may stay open without application data; default 240 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(240);

    /// <summary>How long a peer may leave a send stuck; default 30 s.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long closing may take: close_notify, FIN, and the wait for the peer's; default 2 s.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether to let buffers and garbage of the past go and give free memory back to the system, when a hundred connections have come,
    /// gone or been refused since the last time (and 5 % of those that are open; or 16 MiB were allocated, or 1 MiB of buffers lie idle)
    /// and for two seconds there was little to do: fewer than 200 operations a second, and less than a fifth of one processor used.
    /// Default false, because it pauses the whole process, for some tens of milliseconds. While there is more to do, free pages of the C
    /// library's heaps alone are given back: after a thousand connections, and at most every 10 s.
    /// </summary>
    public bool TrimMemory { get; init; }

    /// <summary>
    /// Whether the counts are published as the Meter "RawEcho.Engine"; default true. False for a host beside the one that is watched, such
    /// as that of an admin page: a Meter has one value for each name.
    /// </summary>
    public bool PublishMetrics { get; init; } = true;

    /// <summary>How messages are bounded and pooled, for handlers that speak in messages.</summary>
    public MessageOptions Messages { get; init; } = new();

    /// <exception cref="EngineOptionException">A value cannot be.</exception>
    internal EngineOptions Validated()
    {
        const int maxConnections = 1_000_000;
        Check(MaxConnections is > 0 and <= maxConnections, nameof(MaxConnections), $"must be 1 to {maxConnections}");
        Check(MaxConnectionsPerAddress >= 0, nameof(MaxConnectionsPerAddress), "must not be negative");
        Check(MaxHandshakes is >= 0 and <= maxConnections, nameof(MaxHandshakes), $"must be 0 to {maxConnections}");
        Check(MaxHandshakeQueue >= 0, nameof(MaxHandshakeQueue), "must not be negative");
        CheckTime(MaxHandshakeWait, nameof(MaxHandshakeWait));
        Check(MaxHandshakeBytes >= 0, nameof(MaxHandshakeBytes), "must not be negative");
        Check(MaxBytesWithoutData >= 0, nameof(MaxBytesWithoutData), "must not be negative");
        CheckTime(MaxLifetime, nameof(MaxLifetime));
        Check(PreallocatedConnections >= 0, nameof(PreallocatedConnections), "must not be negative");
        Check(Backlog > 0, nameof(Backlog), "must be positive");
        Check(MaxBufferBytes >= 0, nameof(MaxBufferBytes), "must not be negative");
        CheckTime(ConnectTimeout, nameof(ConnectTimeout));
        CheckTime(IdleTimeout, nameof(IdleTimeout));
        CheckTime(WriteTimeout, nameof(WriteTimeout));
        CheckTime(CloseTimeout, nameof(CloseTimeout));
        Messages.Validate();
        return this;
    }

    internal static void CheckTime(TimeSpan value, string property) =>
        Check(
            value == Timeout.InfiniteTimeSpan || (value > TimeSpan.Zero && value <= TimeSpan.FromDays(24)),
            property, "must be positive and at most 24 days, or Timeout.InfiniteTimeSpan");

    internal static void Check(bool holds, string property, string problem)
    {
        if (!holds) throw new EngineOptionException(property, problem);
    }
}
