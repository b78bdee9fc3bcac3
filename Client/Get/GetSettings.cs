using RawEcho.Client.Http;
using RawEcho.Client.Results;
using RawEcho.Client.Targets;

namespace RawEcho.Client.Get;

/// <summary>What the command line of "get" came to.</summary>
internal sealed record GetSettings
{
    public required HttpUrl Url { get; init; }

    /// <summary>Where the connection goes, and how it is encrypted.</summary>
    public required TargetSettings Targets { get; init; }

    public required RequestTemplate Request { get; init; }

    /// <summary>What the request carries; null for no body.</summary>
    public required ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>Where the body of the response goes; null for standard output.</summary>
    public required string? Output { get; init; }

    /// <summary>Print the headers of the response.</summary>
    public required bool Include { get; init; }

    /// <summary>Print nothing but the body.</summary>
    public required bool Quiet { get; init; }

    /// <summary>How long the connection may stay without any data.</summary>
    public required TimeSpan ResponseTimeout { get; init; }

    /// <summary>Statuses by which the command fails.</summary>
    public required IReadOnlyList<FailCondition> Conditions { get; init; }
}
