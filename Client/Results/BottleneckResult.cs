namespace RawEcho.Client.Results;

/// <summary>What limited a run, and what that rests on.</summary>
/// <param name="Verdict">none, client, in-flight, server, network or undecided.</param>
/// <param name="Why">Sentences for a person.</param>
internal sealed record BottleneckResult(string Verdict, string Why)
{
    /// <summary>What was used; null when nothing was measured.</summary>
    public ResourceResult? Figures { get; init; }
}

/// <summary>What a run used of its client, its machine and the network. What the system does not tell is null.</summary>
internal sealed record ResourceResult
{
    /// <summary>Processors that the client may use.</summary>
    public required int Processors { get; init; }

    /// <summary>Processor time of the client by the time that was measured: 1 is one processor.</summary>
    public required double ClientCores { get; init; }

    /// <summary>How much of the time the busiest thread of the client ran, 0 to 1.</summary>
    public required double? BusiestThreadRan { get; init; }

    /// <summary>How much of the time that thread was ready to run and had no processor, 0 to 1.</summary>
    public required double? BusiestThreadWaited { get; init; }

    /// <summary>How much of the time the processors of the machine were busy, by whatever program, 0 to 1.</summary>
    public required double? MachineBusy { get; init; }

    /// <summary>How long the client stood still for its garbage collector.</summary>
    public required double GcPauseSeconds { get; init; }

    /// <summary>True when all connections went to this machine.</summary>
    public required bool? ServerIsHere { get; init; }

    /// <summary>The shortest round trip that the kernel saw, the median of the connections.</summary>
    public required long? NetworkMinNs { get; init; }

    /// <summary>The kernel's running mean of it, which may hold time of the server; the median of the connections.</summary>
    public required long? NetworkSmoothedNs { get; init; }

    /// <summary>Which share of the segments was sent again, 0 to 1.</summary>
    public required double? SentAgain { get; init; }

    /// <summary>How much of the time with data on its way the server's program took no more, 0 to 1.</summary>
    public required double? PeerTookNoMore { get; init; }
}
