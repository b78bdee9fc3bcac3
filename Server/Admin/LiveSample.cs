using RawEcho.Engine.Telemetry;

namespace RawEcho.Server.Admin;

/// <summary>What was counted at one moment, and what handshakes took since the one before.</summary>
internal sealed record LiveSample
{
    /// <summary>When, in ticks of Stopwatch.</summary>
    public required long At { get; init; }

    public required EngineStatistics Statistics { get; init; }

    /// <summary>HTTP requests answered so far.</summary>
    public required long Requests { get; init; }

    /// <summary>Median of the handshakes since the sample before, seconds; null when there were none.</summary>
    public required double? HandshakeMedian { get; init; }

    /// <summary>The slowest of them, seconds; null when there were none.</summary>
    public required double? HandshakeMaximum { get; init; }

    /// <summary>Memory of the process that is its own, bytes; null where the system does not say.</summary>
    public required long? PrivateBytes { get; init; }

    /// <summary>Bytes that the garbage collector has in use.</summary>
    public required long HeapBytes { get; init; }

    /// <summary>Bytes that the garbage collector holds, as of the last collection.</summary>
    public required long CommittedBytes { get; init; }

    /// <summary>Threads of the process.</summary>
    public required int Threads { get; init; }

    /// <summary>Threads of the pool.</summary>
    public required int PoolThreads { get; init; }

    /// <summary>Time that collections have paused the process so far.</summary>
    public required TimeSpan Paused { get; init; }
}
