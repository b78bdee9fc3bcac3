using RawEcho.Charts;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Report;

/// <summary>The charts of a recording. A process has one colour in all of them; a chart without values is left out.</summary>
internal sealed class RecordingCharts(RecordedProcess[] processes, IReadOnlyList<RecordingEvent> events)
{
    private readonly List<string> _left = [];
    private readonly NamedCharts _named = new(processes, MarkersOf(events));

    /// <summary>The titles of the charts that were left out.</summary>
    public IReadOnlyList<string> Left => _left;

    /// <summary>True when a chart has dashed lines.</summary>
    public bool HasDashes { get; private set; }

    public IReadOnlyList<Chart> All()
    {
        List<Chart> charts =
        [
            .. Throughput(),
            .. Try("CPU", "100 % is one core, busy all the time.", "of one core", Unit.Percent, ChartKind.Line, MetricCatalog.Cpu),
            .. Try(
                "Memory", "Solid: private, which no other process shares. Dashed: what the GC has committed of it.", "memory", Unit.Bytes,
                ChartKind.Line, MetricCatalog.Private, MetricCatalog.GcCommitted),
            .. Try(
                "Threads", "Solid: all threads of the process. Dashed: those of the thread pool.", "threads", Unit.Count, ChartKind.Step,
                MetricCatalog.OsThreads, MetricCatalog.PoolThreads),
            .. Try(
                "GC pauses", "The longest pause in each interval; nothing where there was none.", "longest pause", Unit.Seconds,
                ChartKind.Stem, MetricCatalog.PauseLongest),
            .. Try(
                "Time in GC pauses", "The share of each interval in which the process stood still for the GC.", "of the time", Unit.Percent,
                ChartKind.Line, MetricCatalog.PausePercent),
            .. Try(
                "Allocation", "What the process allocates on the managed heap.", "allocated", Unit.BytesPerSecond, ChartKind.Line,
                MetricCatalog.Allocated),
            .. Try(
                "Latency", "Solid: p99. Dashed: p50.", "latency", Unit.Seconds, ChartKind.Line, MetricCatalog.LatencyP99,
                MetricCatalog.LatencyP50),
            .. Try("Connections", "Open connections.", "connections", Unit.Count, ChartKind.Step, MetricCatalog.Connections),
            .. Try(
                "Handshakes", "TLS handshakes that were completed.", "handshakes per second", Unit.PerSecond, ChartKind.Line,
                MetricCatalog.Handshakes),
            .. Web(),
            .. _named.Named(),
        ];
        _left.AddRange(_named.Left);
        HasDashes = charts.Any(c => c.Series.Any(s => s.IsDashed));
        return charts;
    }

    private static Marker[] MarkersOf(IReadOnlyList<RecordingEvent> events) =>
        [.. events.Select((e, i) => new Marker(e.Seconds, FormattableString.Invariant($"{i + 1}"), e.Text))];

    // Of programs of ASP.NET Core: that others have none of these is no news.
    private IEnumerable<Chart> Web() => !processes.Any(p => p.Has(MetricCatalog.Requests))
        ? []
        :
        [
            .. Try(
                "Requests", "Solid: requests in each second. Dashed: those that were answered with 5xx.", "requests per second",
                Unit.PerSecond, ChartKind.Line, MetricCatalog.Requests, MetricCatalog.RequestErrors),
            .. _named.Of("Request duration", MetricCatalog.RequestP99, MetricCatalog.RequestP50),
            .. _named.Of("DNS lookups", MetricCatalog.LookupP99, MetricCatalog.LookupP50),
        ];

    // A foreign process echoes nothing, but it receives.
    private IEnumerable<Chart> Throughput() => processes.Any(p => p.Has(MetricCatalog.RoundTrips))
        ? Try(
            "Throughput", "Round trips in each second.", "round trips per second", Unit.PerSecond, ChartKind.Line, MetricCatalog.RoundTrips)
        : Try(
            "Throughput", "Solid: received from sockets. Dashed: sent.", "bytes per second", Unit.BytesPerSecond, ChartKind.Line,
            MetricCatalog.Received, MetricCatalog.Sent);

    private IEnumerable<Chart> Try(string title, string note, string yName, Unit unit, ChartKind kind, Metric solid, Metric? dashed = null)
    {
        List<Series> series = Of(solid, dashed);
        if (series.Count == 0)
        {
            _left.Add(title);
            yield break;
        }

        yield return new Chart
        {
            Title = title,
            Note = note,
            YName = yName,
            YUnit = unit,
            Kind = kind,
            MayBeLogarithmic = solid == MetricCatalog.LatencyP99,
            Series = series,
            Markers = MarkersOf(events),
        };
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
}
