using RawEcho.Charts;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Report;

/// <summary>One process of a recording: its name on the page, its values over time, and one figure for the whole of it.</summary>
internal sealed class RecordedProcess
{
    /// <summary>After more than this number of intervals without a sample the line has a gap.</summary>
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
        Whole = Aggregate(_samples);
        _longestStep = interval > 0 ? interval * LongestSilence : double.PositiveInfinity;
    }

    public ProcessDescription Process { get; }

    public int Index { get; }

    /// <summary>The role or description, and the PID: server (4711).</summary>
    public string Name => FormattableString.Invariant($"{Process.Role ?? Process.Description} ({Process.Pid})");

    public int Samples => _samples.Length;

    /// <summary>From its first sample to its last, seconds.</summary>
    public double Span => _samples.Length == 0 ? 0 : _samples[^1].Seconds - _samples[0].Seconds;

    /// <summary>One figure for the whole recording by the name of the row, as each row's own rule has it.</summary>
    public IReadOnlyDictionary<string, double> Whole { get; }

    /// <summary>True when at least one sample has a value of the row.</summary>
    public bool Has(Metric metric) => Whole.ContainsKey(metric.Name);

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

    private static IReadOnlyDictionary<string, double> Aggregate(IEnumerable<Sample> samples)
    {
        var values = new SampleValues();
        foreach (IGrouping<string, double> all in samples.SelectMany(s => s.Values).GroupBy(v => v.Key, v => v.Value))
        {
            if (MetricCatalog.Find(all.Key) is not { } metric) continue;
            double value = metric.Aggregation switch
            {
                Aggregation.Mean => all.Average(),
                Aggregation.Max => all.Max(),
                Aggregation.Last => all.Last(),
                _ => throw new ArgumentOutOfRangeException(nameof(samples), metric.Aggregation, "Not an aggregation."),
            };
            if (metric.TagOf(all.Key) is { } tag) values.Set(metric, tag, value);
            else values.Set(metric, value);
        }

        // From the means, and not the mean of quotients, in which a moment of standstill would weigh as much as any other.
        DerivedRows.Add(values);
        return values.All;
    }
}
