namespace RawEcho.Diagnostics.Sampling.Settings;

/// <summary>How to sample.</summary>
/// <param name="Interval">Time between samples.</param>
/// <param name="MaxTimeSeries">The maximum number of time series that a process may publish to this program, all meters together.</param>
internal sealed record SamplingSettings(TimeSpan Interval, int MaxTimeSeries)
{
    /// <summary>What dotnet-counters asks for, so that the two can watch one process.</summary>
    public const int DefaultMaxTimeSeries = 1000;

    /// <inheritdoc cref="DefaultMaxTimeSeries"/>
    public const int DefaultMaxHistograms = 10;

    /// <summary>The maximum number of time series of histograms, all meters together: each needs some kilobytes of the process.</summary>
    public int MaxHistograms { get; init; } = DefaultMaxHistograms;

    /// <summary>What the runtimes are asked for.</summary>
    public EventSet Events { get; init; } = EventSet.All;

    /// <summary>Meters that are shown because the user names them.</summary>
    public IReadOnlyList<RequestedSource> Meters { get; init; } = [];

    /// <summary>Event sources whose counters are shown because the user names them.</summary>
    public IReadOnlyList<RequestedSource> Counters { get; init; } = [];
}
