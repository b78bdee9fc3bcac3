namespace RawEcho.Client.Report;

/// <summary>
/// All that the page of a load run shows (--report FILE.html). It holds values and no objects of the run, so that the page can be made from a
/// run that has just ended as well as from results that were read or merged.
/// </summary>
internal sealed record RunReport
{
    /// <summary>What was loaded: one address, or several with commas.</summary>
    public required string Target { get; init; }

    /// <summary>Program and version.</summary>
    public required string Tool { get; init; }

    /// <summary>When the measurement began: after connecting and warming up.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How long was measured.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>True when it was ended by Ctrl-C.</summary>
    public bool Interrupted { get; init; }

    /// <summary>Connections, count.</summary>
    public required int Connections { get; init; }

    /// <summary>The rate asked for, messages per second over all connections; null for a closed loop.</summary>
    public double? TargetRate { get; init; }

    /// <summary>The options in words, in the order to show them.</summary>
    public required IReadOnlyList<(string Name, string Value)> Settings { get; init; }

    /// <summary>What came out.</summary>
    public required RunTotals Totals { get; init; }

    /// <summary>From when a message was sent to when its echo was there.</summary>
    public required LatencySummary Service { get; init; }

    /// <summary>
    /// From when a message should have been sent to when its echo was there, which is what a user of the server feels; null for a closed
    /// loop, where nobody says when it should have been.
    /// </summary>
    public LatencySummary? Corrected { get; init; }

    /// <summary>The run second by second.</summary>
    public required IReadOnlyList<RunSecond> Seconds { get; init; }

    /// <summary>What went wrong, by kind.</summary>
    public IReadOnlyList<RunError> Errors { get; init; } = [];

    /// <summary>The conditions of --fail-if, and whether they came true.</summary>
    public IReadOnlyList<RunCondition> Conditions { get; init; } = [];
}

/// <summary>Counts over the whole measurement.</summary>
internal sealed record RunTotals
{
    /// <summary>Echoes that came back and matched.</summary>
    public required long RoundTrips { get; init; }

    /// <summary>Payload sent, bytes.</summary>
    public required long BytesSent { get; init; }

    /// <summary>Payload received, bytes.</summary>
    public required long BytesReceived { get; init; }

    /// <summary>Echoes that differed from what was sent.</summary>
    public required long Mismatches { get; init; }

    /// <summary>Messages that were begun and whose echo did not come back whole.</summary>
    public long Unanswered { get; init; }

    /// <summary>Messages that were sent after their time; null for a closed loop.</summary>
    public long? SentLate { get; init; }

    /// <summary>Messages that were due and never sent; null for a closed loop.</summary>
    public long? NotSent { get; init; }

    /// <summary>Failures of every kind, mismatches too.</summary>
    public required long Errors { get; init; }

    /// <summary>Connections that ended before they should.</summary>
    public long ConnectionsLost { get; init; }

    /// <summary>How many of those were replaced (--reconnect).</summary>
    public long ConnectionsReplaced { get; init; }
}

/// <summary>A latency distribution as a page shows it.</summary>
internal sealed record LatencySummary
{
    /// <summary>How many latencies it is made of.</summary>
    public required long Count { get; init; }

    /// <summary>The percentiles of the text output, and in its order: 50, 75, 90, 95, 99, 99.9, 99.99.</summary>
    public required IReadOnlyList<PercentileValue> Percentiles { get; init; }

    /// <summary>
    /// The curve: percentiles by ascending share, dense enough for a smooth line (about ten for each nine), and none beyond what
    /// <see cref="Count"/> values can tell.
    /// </summary>
    public required IReadOnlyList<PercentileValue> Curve { get; init; }

    /// <summary>The largest one, exactly, nanoseconds.</summary>
    public required long MaxNs { get; init; }
}

/// <summary>The latency that a share of all did not exceed.</summary>
/// <param name="Percentile">Above 0, below 100.</param>
/// <param name="Ns">The latency, nanoseconds.</param>
internal readonly record struct PercentileValue(double Percentile, long Ns);

/// <summary>One second of a run.</summary>
/// <param name="At">Its end, seconds since the measurement began.</param>
/// <param name="RoundTripsPerSecond">Echoes in it, per second of its real length.</param>
/// <param name="P50Ns">Half of its echoes took no longer, nanoseconds; null when none came. Corrected where the run has corrected latencies.</param>
/// <param name="P99Ns">99 % of its echoes took no longer; likewise.</param>
/// <param name="MaxNs">The slowest of its echoes; likewise.</param>
/// <param name="Errors">Failures in it.</param>
internal readonly record struct RunSecond(double At, double RoundTripsPerSecond, long? P50Ns, long? P99Ns, long? MaxNs, long Errors);

/// <summary>Failures of one kind.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Count">How many.</param>
/// <param name="FirstExample">The first one in words.</param>
internal sealed record RunError(string Kind, long Count, string FirstExample);

/// <summary>A condition of --fail-if.</summary>
/// <param name="Text">As it was written: p99&gt;5ms.</param>
/// <param name="Failed">True when it came true, which fails the run.</param>
/// <param name="Actual">The value that was seen, in words.</param>
internal sealed record RunCondition(string Text, bool Failed, string Actual);
