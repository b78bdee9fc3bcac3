using System.Diagnostics;
using System.Globalization;
using Microsoft.Diagnostics.Tracing;
using RawEcho.Diagnostics.Printing;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>
/// Follows the provider System.Diagnostics.Metrics: assembles the values of one collection interval, and turns
/// errors into sentences. Events come on the session's thread; readings are taken on the sampler's.
/// </summary>
/// <param name="clientId">Identifies this listener in the errors that the process reports.</param>
internal sealed class MeterStream(string clientId)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _warnings = [];
    private Dictionary<MeterSeries, double> _collecting = [];
    private MeterCollection? _latest;

    /// <summary>The last whole collection; null before the first.</summary>
    public MeterCollection? Latest
    {
        get
        {
            lock (_lock) return _latest;
        }
    }

    /// <summary>What is wrong, each sentence once.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_lock) return [.. _warnings];
        }
    }

    public void Follow(TraceEventDispatcher source) => source.Dynamic.AddCallbackForProviderEvent(SessionProviders.Metrics, null, Read);

    private void Read(TraceEvent e)
    {
        switch (e.EventName)
        {
            case "CollectionStart/Start" or "CollectionStart" or "Collection/Start" when IsShared(e):
                _collecting = [];
                break;
            case "CollectionStop/Stop" or "CollectionStop" or "Collection/Stop" when IsShared(e):
                // A collection that was under way when the session began may lack its beginning; the next one is whole.
                lock (_lock) _latest = new MeterCollection(_collecting, e.TimeStampRelativeMSec, Stopwatch.GetTimestamp());
                _collecting = [];
                break;
            case "CounterRateValuePublished" or "UpDownCounterRateValuePublished" when IsShared(e):
                Publish(e, "value");
                break;
            case "GaugeValuePublished" when IsShared(e):
                Publish(e, "lastValue");
                break;
            case "TimeSeriesLimitReached" when IsShared(e):
                Warn("More time series than the session allows (--max-series): some rows are missing or too low.");
                break;
            case "MultipleSessionsConfiguredIncorrectlyError" when IsFor(e, clientId):
                Warn(Clash(e));
                break;
            case "MultipleSessionsNotSupportedError":
                Warn("Another tool has the metrics of this process for itself: rows that come from meters are missing until it ends.");
                break;
            case "ObservableInstrumentCallbackError" when IsShared(e):
                Warn($"An instrument of the process failed: {FirstLine(Text(e, "errorMessage"))}");
                break;
            case "Error" when IsShared(e):
                Warn($"The process cannot publish its metrics: {FirstLine(Text(e, "errorMessage"))}");
                break;
        }
    }

    private static string Clash(TraceEvent e) => string.Create(
        CultureInfo.InvariantCulture,
        $"Another tool watches the metrics of this process with other settings (interval {Text(e, "expectedRefreshInterval")} s, "
        + $"at most {Text(e, "expectedMaxTimeSeries")} series): rows that come from meters are missing until it ends, "
        + $"or until this one is started with the same --interval and --max-series.");

    private static bool IsShared(TraceEvent e) => IsFor(e, SessionProviders.SharedSession);

    private static bool IsFor(TraceEvent e, string session) => string.Equals((string)e.PayloadValue(0), session, StringComparison.Ordinal);

    private static string? Text(TraceEvent e, string name) =>
        e.PayloadByName(name) is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    private static string FirstLine(string? text) => (text ?? "no reason given").Split('\n')[0].Trim();

    private void Publish(TraceEvent e, string field)
    {
        // Empty until the process has a value.
        if (!double.TryParse(Text(e, field), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)) return;
        var series = new MeterSeries(new Instrument(Text(e, "meterName")!, Text(e, "instrumentName")!), Text(e, "tags") ?? string.Empty);
        // Several meters of one name (a host each) publish the same series: together they are the process.
        _collecting[series] = _collecting.GetValueOrDefault(series) + value;
    }

    private void Warn(string sentence)
    {
        lock (_lock) _warnings.Add(PrintableText.Of(sentence));
    }
}
