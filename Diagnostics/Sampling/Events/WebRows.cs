using RawEcho.Diagnostics.Rows;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>
/// Rows of programs of ASP.NET Core that meters alone give: durations of requests, Kestrel and DNS. Sums over all series are absent when
/// the process has more series than the session allows, because they would be too low.
/// </summary>
internal static class WebRows
{
    private const string Status = "http.response.status_code";

    // Those that tell series apart in most programs; the values say what they mean.
    private static readonly string[] ShownTags =
    [
        "http.request.method", "http.route", Status, "dns.question.name", "network.protocol.name", "network.protocol.version",
        "tls.protocol.version", "error.type",
    ];

    /// <summary>Whether the tags of a request say that it was answered with 500 to 599.</summary>
    public static bool IsServerError(string tags) => Tag(tags, Status) is ['5', _, _];

    public static void Add(SampleValues values, MeterReading meters)
    {
        AddPercentiles(
            values, meters, InstrumentNames.RequestDuration, MetricCatalog.RequestP50, MetricCatalog.RequestP95, MetricCatalog.RequestP99);

        values.Set(MetricCatalog.KestrelConnections, meters.Value(InstrumentNames.KestrelConnections));
        values.Set(MetricCatalog.KestrelClosed, meters.RecordsPerSecond(InstrumentNames.KestrelConnectionDuration));
        AddPercentiles(
            values, meters, InstrumentNames.KestrelConnectionDuration, MetricCatalog.KestrelConnectionP50,
            MetricCatalog.KestrelConnectionP95, MetricCatalog.KestrelConnectionP99);
        values.Set(MetricCatalog.KestrelRejected, meters.PerSecond(InstrumentNames.KestrelRejected));
        values.Set(MetricCatalog.KestrelQueued, meters.Value(InstrumentNames.KestrelQueued));
        values.Set(MetricCatalog.KestrelRequestsQueued, meters.Value(InstrumentNames.KestrelRequestsQueued));
        values.Set(MetricCatalog.KestrelUpgraded, meters.Value(InstrumentNames.KestrelUpgraded));
        values.Set(MetricCatalog.KestrelHandshakes, meters.RecordsPerSecond(InstrumentNames.KestrelHandshakeDuration));
        values.Set(MetricCatalog.KestrelHandshakesActive, meters.Value(InstrumentNames.KestrelHandshakesActive));
        AddPercentiles(
            values, meters, InstrumentNames.KestrelHandshakeDuration, MetricCatalog.KestrelHandshakeP50, MetricCatalog.KestrelHandshakeP95,
            MetricCatalog.KestrelHandshakeP99);

        values.Set(MetricCatalog.Lookups, meters.RecordsPerSecond(InstrumentNames.LookupDuration));
        AddPercentiles(
            values, meters, InstrumentNames.LookupDuration, MetricCatalog.LookupP50, MetricCatalog.LookupP95, MetricCatalog.LookupP99);
    }

    private static void AddPercentiles(SampleValues values, MeterReading meters, Instrument instrument, Metric p50, Metric p95, Metric p99)
    {
        (string Tags, HistogramReading Reading)[] all = [.. meters.Histograms(instrument)];
        HashSet<string> twice = [.. all.GroupBy(h => Short(h.Tags)).Where(g => g.Skip(1).Any()).Select(g => g.Key)];
        foreach ((string tags, HistogramReading reading) in all)
        {
            string title = Short(tags) is var words && twice.Contains(words) ? tags : words;
            values.Set(p50, title, reading.P50);
            values.Set(p95, title, reading.P95);
            values.Set(p99, title, reading.P99);
        }
    }

    // "GET /orders 200 1.1".
    private static string Short(string tags)
    {
        string[][] pairs = [.. tags.Split(',').Select(t => t.Split('=', 2))];
        string[] shown = [.. ShownTags.SelectMany(name => pairs.Where(p => p[0] == name)).Select(p => p[^1]).Where(v => v.Length > 0)];
        return shown.Length > 0 ? string.Join(' ', shown) : tags.Length > 0 ? tags : "all";
    }

    private static string? Tag(string tags, string name) =>
        tags.Split(',').FirstOrDefault(t => t.StartsWith($"{name}=", StringComparison.Ordinal))?[(name.Length + 1)..];
}
