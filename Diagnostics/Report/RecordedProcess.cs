using RawEcho.Charts;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Report;

/// <summary>One process of a recording: its name on the page, its values over time, and one figure for the whole of it.</summary>
internal sealed class RecordedProcess
{
    /// <summary>A longer silence than so many intervals is a gap, and not a slope between two values.</summary>
    private const double LongestSilence = 2.5;

    private readonly Sample[] _samples;
    private readonly double _longestStep;

    /// <param name="recording">The recording.</param>
    /// <param name="process">The process.</param>
    /// <param name="index">Its place among the processes, from 0.</param>
    public RecordedProcess(RecordingData recording, ProcessDescription process, int index)
    {
        (Process, Index) = (process, index);
        _samples = [.. recording.Samples.Where(s => s.Pid == process.Pid).OrderBy(s => s.Seconds)];
        double interval = recording.Header.Interval.TotalSeconds;
        _longestStep = interval > 0 ? interval * LongestSilence : double.PositiveInfinity;
    }

    public ProcessDescription Process { get; }

    public int Index { get; }

    /// <summary>server (4711): what it is, and which one.</summary>
    public string Name => FormattableString.Invariant($"{Process.Role ?? Process.Description} ({Process.Pid})");

    public int Samples => _samples.Length;

    /// <summary>From its first sample to its last, seconds.</summary>
    public double Span => _samples.Length == 0 ? 0 : _samples[^1].Seconds - _samples[0].Seconds;

    /// <summary>The names of a row's values with their tags, as samples have them.</summary>
    public IEnumerable<string> NamesOf(Metric metric) => _samples.SelectMany(s => s.Values.Keys).Where(n => metric.TagOf(n) is not null).Distinct();

    /// <summary>A value over time: absent where a sample does not have it, and where samples are missing.</summary>
    public IReadOnlyList<DataPoint> Over(string name)
    {
        List<DataPoint> points = [];
        foreach (Sample sample in _samples)
        {
            if (points.Count > 0 && sample.Seconds - points[^1].X > _longestStep)
                points.Add(new DataPoint((points[^1].X + sample.Seconds) / 2, null));
            points.Add(new DataPoint(sample.Seconds, sample.Values.TryGetValue(name, out double value) ? value : null));
        }

        return points;
    }

    /// <summary>One figure for the whole recording, by the row's own rule; null when no sample has a value.</summary>
    public double? Whole(Metric metric, string? name = null)
    {
        double[] values =
        [
            .. _samples.Select(s => s.Values.TryGetValue(name ?? metric.Name, out double v) ? v : double.NaN).Where(double.IsFinite),
        ];
        if (values.Length == 0) return null;
        return metric.Aggregation switch
        {
            Aggregation.Mean => values.Average(),
            Aggregation.Max => values.Max(),
            Aggregation.Last => values[^1],
            _ => throw new ArgumentOutOfRangeException(nameof(metric), metric.Aggregation, "Not an aggregation."),
        };
    }
}
