using RawEcho.Client.Http;
using RawEcho.Client.Output;
using RawEcho.Client.Results;
using RawEcho.Client.Targets;

namespace RawEcho.Client.Handshake;

/// <summary>What the command line of "handshake" came to.</summary>
internal sealed record HandshakeSettings
{
    public required TargetSettings Targets { get; init; }

    /// <summary>The request that follows each handshake; null for the echo of one byte.</summary>
    public required RequestTemplate? Request { get; init; }

    /// <summary>Handshakes under way at a time.</summary>
    public required int Clients { get; init; }

    /// <summary>Handshakes a second, each at its own time; null for one after the other.</summary>
    public required double? Rate { get; init; }

    /// <summary>How long to shake hands in each phase; null when <see cref="Count"/> decides.</summary>
    public required TimeSpan? Duration { get; init; }

    /// <summary>How many handshakes in each phase; null when <see cref="Duration"/> decides.</summary>
    public required long? Count { get; init; }

    /// <summary>Handshakes with new sessions are wanted.</summary>
    public required bool Full { get; init; }

    /// <summary>Handshakes with resumed sessions are wanted.</summary>
    public required bool Resumed { get; init; }

    public required TimeSpan EchoTimeout { get; init; }

    public required IReadOnlyList<FailCondition> Conditions { get; init; }

    public required ResultOutput<HandshakeResult> Output { get; init; }

    public required bool Quiet { get; init; }
}
