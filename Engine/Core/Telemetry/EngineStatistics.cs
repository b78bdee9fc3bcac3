using RawEcho.Engine.Buffers;

namespace RawEcho.Engine.Telemetry;

/// <summary>All counts of a host at one moment.</summary>
public sealed record EngineStatistics
{
    /// <summary>Connections accepted since the start, those refused not among them.</summary>
    public long ConnectionsAccepted { get; init; }

    /// <summary>Connections opened from this side since the start.</summary>
    public long ConnectionsConnected { get; init; }

    /// <summary>Connections refused at a limit, before TLS.</summary>
    public long ConnectionsRefused { get; init; }

    /// <summary>Those among them that were refused at the limit of their address.</summary>
    public long ConnectionsRefusedByAddress { get; init; }

    /// <summary>Those among them that were refused because file descriptors were running out.</summary>
    public long ConnectionsRefusedByDescriptors { get; init; }

    /// <summary>Connections open now, handshakes under way included.</summary>
    public long ConnectionsOpen { get; init; }

    /// <summary>TLS handshakes completed.</summary>
    public long HandshakesDone { get; init; }

    /// <summary>TLS handshakes failed.</summary>
    public long HandshakesFailed { get; init; }

    /// <summary>TLS handshakes under way.</summary>
    public long HandshakesUnderWay { get; init; }

    /// <summary>Connections open now whose handshake is complete.</summary>
    public long SessionsOpen { get; init; }

    /// <summary>Connections that ended before their handshake was complete, by reason; reasons that did not occur are absent.</summary>
    public IReadOnlyDictionary<CloseReason, long> HandshakeFailures { get; init; } = new Dictionary<CloseReason, long>();

    /// <summary>Those among them that wait for their turn to compute.</summary>
    public long HandshakesWaiting { get; init; }

    /// <summary>Exceptions that the observer of connections threw. Each is a defect of the observer, and changed nothing else.</summary>
    public long ObserverFaults { get; init; }

    /// <summary>What handlers read and wrote, over all connections, open and closed.</summary>
    public IoTotals Io { get; init; }

    /// <summary>From the opening of the first connection to the last moment at which data moved.</summary>
    public TimeSpan ActiveTime { get; init; }

    /// <summary>What the pool of message streams holds.</summary>
    public MessagePoolCounts Messages { get; init; }

    /// <summary>What is free and what is in use.</summary>
    public PoolCounts Pools { get; init; }

    /// <summary>Connections ended, by reason; reasons that did not occur are absent.</summary>
    public IReadOnlyDictionary<CloseReason, long> Endings { get; init; } = new Dictionary<CloseReason, long>();
}

/// <summary>Sums of <see cref="IoCounters"/>, 64 bits each.</summary>
/// <param name="ReadOperations">Reads that gave data.</param>
/// <param name="WriteOperations">Writes that completed.</param>
/// <param name="BytesReceived">Application bytes received.</param>
/// <param name="BytesSent">Application bytes sent.</param>
public readonly record struct IoTotals(long ReadOperations, long WriteOperations, long BytesReceived, long BytesSent)
{
    internal IoTotals Plus(IoCounters io) => new(
        ReadOperations + io.ReadOperations,
        WriteOperations + io.WriteOperations,
        BytesReceived + io.BytesReceived,
        BytesSent + io.BytesSent);
}

/// <summary>Free and rented items of the two pools.</summary>
/// <param name="ArgsFree">SocketAsyncEventArgs that wait for use.</param>
/// <param name="ArgsInUse">SocketAsyncEventArgs held by listeners and connections.</param>
/// <param name="BuffersFree">Recyclable buffers that wait for use.</param>
/// <param name="BuffersInUse">Recyclable buffers out on rent.</param>
public readonly record struct PoolCounts(int ArgsFree, int ArgsInUse, int BuffersFree, int BuffersInUse);
