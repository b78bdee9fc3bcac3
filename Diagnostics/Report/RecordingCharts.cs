using RawEcho.Charts;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Report;

/// <summary>The charts of a recording. A process has one colour in all of them; a chart for which nobody has a value is left out.</summary>
internal sealed class RecordingCharts(RecordedProcess[] processes, IReadOnlyList<RecordingEvent> events)
{
    private readonly List<string> _left = [];

    /// <summary>The titles of the charts that were left out.</summary>
    public IReadOnlyList<string> Left => _left;

    /// <summary>True when a chart has dashed lines.</summary>
    public bool HasDashes { get; private set; }

    public IReadOnlyList<Chart> All()
    {
        List<Chart> charts =
        [
            .. Try(Throughput()),
            .. Try(new Chart { Title = "CPU", Note = "100 % is one core, busy all the time.", YName = "of one core", YUnit = Unit.Percent, Series = Of(MetricCatalog.Cpu) }),
            .. Try(new Chart
            {
                Title = "Memory", Note = "Solid: private, which no other process shares. Dashed: what the GC has committed of it.", YName = "memory", YUnit = Unit.Bytes,
                Series = Of(MetricCatalog.Private, MetricCatalog.GcCommitted),
            }),
            .. Try(new Chart
            {
                Title = "Threads", Note = "Solid: all threads of the process. Dashed: those of the thread pool.", YName = "threads", YUnit = Unit.Count, Kind = ChartKind.Step,
                Series = Of(MetricCatalog.OsThreads, MetricCatalog.PoolThreads),
            }),
            .. Try(new Chart
            {
                Title = "GC pauses", Note = "The longest pause in each interval; nothing where there was none.", YName = "longest pause", YUnit = Unit.Seconds, Kind = ChartKind.Stem,
                Series = Of(MetricCatalog.PauseLongest),
            }),
            .. Try(new Chart { Title = "Time in GC pauses", Note = "The share of each interval in which the process stood still for the GC.", YName = "of the time", YUnit = Unit.Percent, Series = Of(MetricCatalog.PausePercent) }),
            .. Try(new Chart { Title = "Allocation", Note = "What the process allocates on the managed heap.", YName = "allocated", YUnit = Unit.BytesPerSecond, Series = Of(MetricCatalog.Allocated) }),
            .. Try(new Chart
            {
                Title = "Latency", Note = "Solid: p99. Dashed: p50.", YName = "latency", YUnit = Unit.Seconds, MayBeLogarithmic = true,
                Series = Of(MetricCatalog.LatencyP99, MetricCatalog.LatencyP50),
            }),
            .. Try(new Chart { Title = "Connections", Note = "Open connections.", YName = "connections", YUnit = Unit.Count, Kind = ChartKind.Step, Series = Of(MetricCatalog.Connections) }),
            .. Try(new Chart { Title = "Handshakes", Note = "TLS handshakes that were completed.", YName = "handshakes per second", YUnit = Unit.PerSecond, Series = Of(MetricCatalog.Handshakes) }),
        ];
        HasDashes = charts.Any(c => c.Series.Any(s => s.IsDashed));
        return charts;
    }

    // A foreign process echoes nothing, but it receives.
    private Chart Throughput() => processes.Any(p => p.Has(MetricCatalog.RoundTrips))
        ? new Chart { Title = "Throughput", Note = "Round trips in each second.", YName = "round trips per second", YUnit = Unit.PerSecond, Series = Of(MetricCatalog.RoundTrips) }
        : new Chart
        {
            Title = "Throughput", Note = "Solid: received from sockets. Dashed: sent.", YName = "bytes per second", YUnit = Unit.BytesPerSecond,
            Series = Of(MetricCatalog.Received, MetricCatalog.Sent),
        };

    private IEnumerable<Chart> Try(Chart chart)
    {
        if (chart.Series.Count > 0) return [chart with { Markers = [.. Markers()] }];
        _left.Add(chart.Title);
        return [];
    }

    private List<Series> Of(Metric solid, Metric? dashed = null)
    {
        List<Series> series = [];
        foreach (RecordedProcess process in processes)
        {
            if (process.Has(solid)) series.Add(new Series(Name(process, solid), process.Over(solid.Name), process.Index));
            if (dashed is not null && process.Has(dashed))
                series.Add(new Series(Name(process, dashed), process.Over(dashed.Name), process.Index, IsDashed: true));
        }

        return series;

        string Name(RecordedProcess process, Metric metric) => dashed is null ? process.Name : $"{process.Name}, {metric.Title}";
    }

    private IEnumerable<Marker> Markers() => events.Select((e, i) => new Marker(e.Seconds, FormattableString.Invariant($"{i + 1}"), e.Text));
}
