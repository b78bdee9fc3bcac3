namespace RawEcho.Diagnostics.Sampling;

/// <summary>How to sample.</summary>
/// <param name="Interval">Time between samples.</param>
/// <param name="MaxTimeSeries">The maximum number of time series that a process may publish to this program, all meters together.</param>
internal sealed record SamplingSettings(TimeSpan Interval, int MaxTimeSeries);
