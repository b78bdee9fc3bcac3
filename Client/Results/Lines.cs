using System.Text.Json.Serialization;

namespace RawEcho.Client.Results;

/// <summary>The first line of --json-lines of a run: what was asked for.</summary>
internal sealed record SettingsLine(DateTimeOffset Time, int Run, MachineResult Machine, SettingsResult Settings)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; init; } = "settings";

    [JsonPropertyOrder(-1)]
    public int Version { get; init; } = RunResult.CurrentVersion;
}

/// <summary>A step of a run that goes on.</summary>
internal sealed record IntervalLine
{
    [JsonPropertyOrder(-1)]
    public string Type { get; init; } = "interval";

    /// <summary>When it was written.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Which run of --repeat it is part of, from 1.</summary>
    public required int Run { get; init; }

    /// <inheritdoc cref="SecondResult.At"/>
    public required double At { get; init; }

    public required double Seconds { get; init; }

    public required long RoundTrips { get; init; }

    public required double? RoundTripsPerSecond { get; init; }

    public required long? BytesSent { get; init; }

    public required long? BytesReceived { get; init; }

    public required double? MbitSent { get; init; }

    public required double? MbitReceived { get; init; }

    /// <summary>Connections that were lost or failed in it.</summary>
    public required long Errors { get; init; }

    /// <summary>Connections that are open at its end.</summary>
    public required long Connections { get; init; }

    /// <summary>From the moment a message was sent; null when none was completed.</summary>
    public required LineLatency? ServiceLatency { get; init; }

    /// <summary>From the moment a message was to be sent; null without a rate, or when none was completed.</summary>
    public required LineLatency? CorrectedLatency { get; init; }
}

/// <summary>Latencies of one step, nanoseconds.</summary>
internal sealed record LineLatency(long P50Ns, long P90Ns, long P99Ns, long P999Ns, long MaxNs);

/// <summary>The last line: the result, as --json writes it.</summary>
internal static class ResultLine
{
    public const string TypeName = "result";

    public static string Of<TResult>(TResult result) => $$"""{"type":"{{TypeName}}","result":{{ResultJson.Write(result)}}}""";
}
