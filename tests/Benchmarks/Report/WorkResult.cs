using RawEcho.Benchmarks.Work;

namespace RawEcho.Benchmarks.Report;

/// <summary>The figures of one subject over all rounds.</summary>
internal sealed class ResultRow(Subject subject)
{
    private readonly Dictionary<Figure, List<double>> _values = [];

    public string Name => subject.Name;

    public string Title => subject.Title;

    public IReadOnlyDictionary<Figure, List<double>> Values => _values;

    public Spread? Spread(Figure figure) => _values.TryGetValue(figure, out List<double>? values) ? Report.Spread.Of(values) : null;

    public void Add(Sample sample)
    {
        foreach ((Figure figure, double value) in sample)
        {
            if (!_values.TryGetValue(figure, out List<double>? values)) _values[figure] = values = [];
            values.Add(value);
        }
    }
}

/// <summary>What a work item found: a row for each subject, the first one the measure of the others.</summary>
internal sealed class WorkResult(WorkItem item, IReadOnlyList<Subject> subjects)
{
    private readonly List<string> _failures = [];

    public WorkItem Item => item;

    public IReadOnlyList<ResultRow> Rows { get; } = [.. subjects.Select(s => new ResultRow(s))];

    /// <summary>Measurements that failed: their subject has fewer values, or none.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>Why nothing was measured; null when something was.</summary>
    public string? Skipped { get; set; }

    public int Rounds { get; set; }

    /// <summary>Time that the hypervisor gave to others, in percent of all cores' time.</summary>
    public double StealPercent { get; set; }

    /// <summary>Figures that any row has, in the order in which they were taken.</summary>
    public IReadOnlyList<Figure> Figures => [.. Rows.SelectMany(r => r.Values.Keys).Distinct()];

    public ResultRow? Row(string name) => Rows.FirstOrDefault(r => r.Name == name);

    /// <summary>The ratio of a row's median to the first row's; null when one of them is missing.</summary>
    public double? Ratio(ResultRow row, Figure figure) =>
        row.Spread(figure) is { } own && Rows[0].Spread(figure) is { Median: > 0 } first ? own.Median / first.Median : null;

    /// <summary>Measures once. One server that fails must not cost the others their figures.</summary>
    public async Task TakeAsync(Subject subject, Func<CancellationToken, Task<Sample>> measure, CancellationToken cancellation)
    {
        try
        {
            Row(subject.Name)!.Add(await measure(cancellation));
        }
        catch (Exception e) when (e is BenchFailure or TimeoutException or IOException)
        {
            _failures.Add($"{subject.Name}: {e.Message}");
        }
    }
}
