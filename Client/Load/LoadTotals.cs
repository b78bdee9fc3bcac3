namespace RawEcho.Client.Load;

/// <summary>What several threads measured, added up.</summary>
/// <param name="withRate">True when there are corrected latencies beside those of the service.</param>
internal sealed class LoadTotals(bool withRate)
{
    /// <summary>From the moment a message was sent to the end of its echo.</summary>
    public LatencyHistogram Service { get; } = new();

    /// <summary>From the moment a message was to be sent; null without a rate.</summary>
    public LatencyHistogram? Corrected { get; } = withRate ? new LatencyHistogram() : null;

    /// <summary>Messages that were not sent in time.</summary>
    public LateCounts Late { get; private set; }

    /// <summary>How many of <see cref="RoundTrips"/> were complete only after the end of the measurement.</summary>
    public long AfterEnd { get; private set; }

    /// <summary>Messages that were sent again on another connection, once for each time.</summary>
    public long SentAgain { get; private set; }

    /// <summary>Messages whose whole echo has come back and matched.</summary>
    public long RoundTrips => Service.Count;

    public void Add(LoadRecorder part)
    {
        Service.Add(part.Service);
        if (part.Corrected is { } corrected) Corrected?.Add(corrected);
        Late += part.Late;
        AfterEnd += part.AfterEnd;
        SentAgain += part.SentAgain;
    }

    public void Clear()
    {
        Service.Clear();
        Corrected?.Clear();
        (Late, AfterEnd, SentAgain) = (default, 0, 0);
    }
}
