namespace RawEcho.Client.Results;

/// <summary>What came of a run of handshakes. See docs/result.schema.json.</summary>
internal sealed record HandshakeResult : IClientResult
{
    public string Format { get; init; } = RunResult.FormatName;

    public int Version { get; init; } = RunResult.CurrentVersion;

    public string Kind { get; init; } = "handshake";

    public required DateTimeOffset StartedAt { get; init; }

    public required MachineResult Machine { get; init; }

    public required IReadOnlyList<ServerResult> Servers { get; init; }

    /// <summary>mutual or server.</summary>
    public required string Tls { get; init; }

    /// <summary>What was negotiated on the first connection; null when there was none.</summary>
    public TlsResult? Negotiated { get; init; }

    /// <summary>Handshakes under way at a time.</summary>
    public required int Clients { get; init; }

    /// <summary>Handshakes a second that were asked for; null for one after the other.</summary>
    public double? Rate { get; init; }

    public required bool Interrupted { get; init; }

    /// <summary>With new sessions; null when they were not asked for.</summary>
    public HandshakePhaseResult? Full { get; init; }

    /// <summary>With resumed sessions; null when they were not asked for.</summary>
    public HandshakePhaseResult? Resumed { get; init; }

    public required IReadOnlyList<ErrorResult> Errors { get; init; }

    public required IReadOnlyList<ConditionResult> Conditions { get; init; }

    public required int ExitCode { get; init; }

    int? IClientResult.StoppedClients => Handshakes() == 0 && !Interrupted && Errors.Count > 0 ? Clients : null;

    /// <summary>Handshakes of all kinds.</summary>
    public long Handshakes() => (Full?.Handshakes ?? 0) + (Resumed?.Handshakes ?? 0);

    /// <summary>Why nothing can be said for sure by what was measured; null when it can.</summary>
    public string? Incomplete() => Interrupted ? "the run was interrupted" : Handshakes() == 0 ? "nothing was measured" : null;
}

/// <summary>Handshakes of one kind.</summary>
internal sealed record HandshakePhaseResult
{
    public required double Seconds { get; init; }

    /// <summary>Connections that shook hands and echoed a byte, or answered a request.</summary>
    public required long Handshakes { get; init; }

    /// <summary>Null when nothing was measured.</summary>
    public required double? HandshakesPerSecond { get; init; }

    /// <summary>How many of them resumed a session, by what the server's hello says.</summary>
    public required long ReallyResumed { get; init; }

    /// <summary>
    /// From the TCP connection to the end of the handshake on this side. Where resumption was asked for, of those that resumed.
    /// </summary>
    public required LatencyResult HandshakeLatency { get; init; }

    /// <summary>
    /// From the start of the TCP connect to the echo of one byte, or to the end of the response, which also tells that the server accepted
    /// this side.
    /// </summary>
    public required LatencyResult TotalLatency { get; init; }

    /// <summary>
    /// From the moment at which each handshake was to begin to the end of <see cref="TotalLatency"/>, of all of them, resumed or not; those
    /// that were not begun with the time that they had waited. Null without a rate.
    /// </summary>
    public LatencyResult? CorrectedLatency { get; init; }

    /// <summary>How the rate was kept; null without one.</summary>
    public RateResult? Rate { get; init; }

    /// <summary>What the responses were like; null where a byte was echoed.</summary>
    public HttpResult? Http { get; init; }
}
