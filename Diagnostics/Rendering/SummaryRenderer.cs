using System.Globalization;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Sampling;
using RawEcho.Terminal;

namespace RawEcho.Diagnostics.Rendering;

/// <summary>
/// One table for the whole time, at the end: first what Process Explorer shows (CPU, private bytes, working set, PID,
/// description, threads), then the rest by group. Means, maxima or last values, as each row has it.
/// </summary>
internal sealed class SummaryRenderer(TextWriter output, IReadOnlySet<string> groups) : IRoundRenderer
{
    private static readonly Metric[] Front = [MetricCatalog.Cpu, MetricCatalog.Private, MetricCatalog.WorkingSet];

    private readonly List<ProcessDescription> _processes = [];
    private readonly Dictionary<int, Dictionary<string, Totals>> _totals = [];
    private readonly List<string> _warnings = [];
    private double _first = double.NaN;
    private double _last;

    public void Begin(RecordingHeader header)
    {
    }

    public void Show(Round round)
    {
        _processes.AddRange(round.Met);
        _warnings.AddRange(round.Events.Where(e => e.Kind == EventKind.Warning).Select(e => e.Text));
        foreach (Sample sample in round.Samples)
        {
            if (double.IsNaN(_first)) _first = sample.Seconds;
            _last = sample.Seconds;
            if (!_totals.TryGetValue(sample.Pid, out Dictionary<string, Totals>? totals)) _totals[sample.Pid] = totals = [];
            foreach ((string name, double value) in sample.Values) totals[name] = totals.GetValueOrDefault(name).With(value);
        }
    }

    public ValueTask DisposeAsync()
    {
        if (_totals.Count > 0) Write();
        return ValueTask.CompletedTask;
    }

    private void Write()
    {
        ProcessColumn[] columns = [.. _processes.Select(p => new ProcessColumn(p, Aggregate(p.Pid)))];
        bool hasRatio = columns.Length == 2;
        ComparisonRow[] about = [.. ComparisonRows.About(columns)];
        IEnumerable<ComparisonRow> front =
        [
            .. Front.SelectMany(m => ComparisonRows.Of(m, columns)),
            .. about.Take(2),
            .. ComparisonRows.Of(MetricCatalog.OsThreads, columns),
            .. about.Skip(2),
        ];
        IEnumerable<Metric> rest = ComparisonRows.MetricsOf(columns).Where(
            m => !Front.Contains(m) && m != MetricCatalog.OsThreads && m != MetricCatalog.Uptime);
        List<string[]> lines = [[string.Empty, string.Empty, .. _processes.Select(p => p.Name), .. Ratio("ratio")]];
        foreach (ComparisonRow row in front) lines.Add([string.Empty, row.Title, .. row.Cells, .. Ratio(row.Ratio)]);
        foreach (ComparisonRow row in rest.SelectMany(m => ComparisonRows.Of(m, columns)).Where(r => groups.Contains(r.Group)))
            lines.Add([row.Group, row.Title, .. row.Cells, .. Ratio(row.Ratio)]);

        double seconds = _last - _first;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"Averages over {seconds:0} s; for counts and peaks the maximum, for totals the final value."));
        NarrowTable.Write(output, lines);
        foreach (string warning in _warnings) FoldedLine.Write(output, warning, 2);

        IEnumerable<string> Ratio(string text) => hasRatio ? [text] : [];
    }

    private IReadOnlyDictionary<string, double> Aggregate(int pid)
    {
        var values = new SampleValues();
        foreach ((string name, Totals totals) in _totals.GetValueOrDefault(pid) ?? [])
        {
            if (MetricCatalog.Find(name) is not { } metric) continue;
            double value = totals.As(metric.Aggregation);
            if (metric.TagOf(name) is { } tag) values.Set(metric, tag, value);
            else values.Set(metric, value);
        }

        // From the means, and not the mean of quotients, in which a moment of standstill would weigh as much as any other.
        DerivedRows.Add(values);
        return values.All;
    }

    private readonly record struct Totals(double Sum, int Count, double Max, double Last)
    {
        public Totals With(double value) => new(Sum + value, Count + 1, Count == 0 ? value : Math.Max(Max, value), value);

        public double As(Aggregation aggregation) => aggregation switch
        {
            Aggregation.Mean => Sum / Count,
            Aggregation.Max => Max,
            Aggregation.Last => Last,
            _ => throw new ArgumentOutOfRangeException(nameof(aggregation)),
        };
    }
}
