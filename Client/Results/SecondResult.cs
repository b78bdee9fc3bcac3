namespace RawEcho.Client.Results;

/// <summary>One step of the time series: what was completed since the step before.</summary>
internal sealed record SecondResult
{
    /// <summary>
    /// Where the step ends, seconds since the measurement began. The last step takes the echoes that came after the end, too.
    /// </summary>
    public required double At { get; init; }

    /// <summary>How long it is, seconds.</summary>
    public required double Seconds { get; init; }

    public required long RoundTrips { get; init; }

    /// <summary>Null for a step without a length. Echoes that came after the end are not in it.</summary>
    public required double? RoundTripsPerSecond { get; init; }

    /// <summary>Application bytes; null in a result of a version that did not count them. What came after the end is not in it.</summary>
    public long? BytesSent { get; init; }

    /// <inheritdoc cref="BytesSent"/>
    public long? BytesReceived { get; init; }

    /// <summary>Mbit/s; null for a step without a length.</summary>
    public double? MbitSent { get; init; }

    /// <inheritdoc cref="MbitSent"/>
    public double? MbitReceived { get; init; }

    /// <summary>Connections that were lost or failed.</summary>
    public required long Errors { get; init; }

    /// <summary>From the moment a message was sent; null when none was completed.</summary>
    public StepLatency? ServiceLatency { get; init; }

    /// <summary>From the moment a message was to be sent; null without a rate, or when none was completed.</summary>
    public StepLatency? CorrectedLatency { get; init; }
}

/// <summary>Latencies of one step.</summary>
/// <param name="P50Ns">Null in a merged result: percentiles of parts cannot be merged, and a step keeps no histogram.</param>
/// <param name="P99Ns">As the one before.</param>
/// <param name="MaxNs">The largest.</param>
internal sealed record StepLatency(long? P50Ns, long? P99Ns, long MaxNs);
