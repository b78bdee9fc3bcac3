using System.Globalization;
using Microsoft.Diagnostics.Tracing;
using RawEcho.Diagnostics.Printing;
using RawEcho.Diagnostics.Sampling.Settings;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>
/// Follows the provider System.Diagnostics.Metrics: assembles the values of one collection interval, and turns
/// errors into sentences. Events come on the session's thread; readings are taken on the sampler's.
/// </summary>
/// <param name="clientId">Identifies this listener in the errors that the process reports.</param>
/// <param name="settings">What the user names, and the bounds of the session.</param>
internal sealed class MeterStream(string clientId, SamplingSettings settings)
{
    private const int CollectionsUntilKnown = 2;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _warnings = [];
    private readonly HistogramTotals _totals = new();
    private readonly NamedInstruments _named = new(settings.Meters);
    private CollectionInProgress _collecting = new();
    private MeterCollection? _latest;
    private int _collections;
    private int _published;
    private int _maxSeries = settings.MaxTimeSeries;
    private int _maxHistograms = settings.MaxHistograms;
    private bool _hasAllSeries = true;
    private bool _hasAllHistograms = true;
    private bool _isRefused;

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
            // An instrument that was there when the session began has been seen by the second collection.
            lock (_lock) return [.. _warnings, .. _collections >= CollectionsUntilKnown && !_isRefused ? _named.Unseen() : []];
        }
    }

    public void Follow(TraceEventDispatcher source) => source.Dynamic.AddCallbackForProviderEvent(SessionProviders.Metrics, null, Read);

    private void Read(TraceEvent e)
    {
        switch (e.EventName)
        {
            case "CollectionStart/Start" or "CollectionStart" or "Collection/Start" when IsShared(e):
                _collecting = new();
                _published = 0;
                break;
            case "CollectionStop/Stop" or "CollectionStop" or "Collection/Stop" when IsShared(e):
                End(e);
                break;
            case "BeginInstrumentReporting" when IsShared(e):
                lock (_lock) _named.Begin(InstrumentOf(e), Text(e, "instrumentType") ?? string.Empty);
                break;
            case "CounterRateValuePublished" when IsShared(e):
                Publish(e, "value", InstrumentKind.Counter);
                break;
            case "UpDownCounterRateValuePublished" when IsShared(e):
                Publish(e, "value", InstrumentKind.Changes);
                break;
            case "GaugeValuePublished" when IsShared(e):
                Publish(e, "lastValue", InstrumentKind.Gauge);
                break;
            case "HistogramValuePublished" when IsShared(e):
                PublishHistogram(e);
                break;
            case "TimeSeriesLimitReached" when IsShared(e):
                ReachSeriesLimit();
                break;
            case "HistogramLimitReached" when IsShared(e):
                ReachHistogramLimit();
                break;
            case "MultipleSessionsConfiguredIncorrectlyError" when IsFor(e, clientId):
                Refuse(Clash(e));
                // Those of the other tool hold for what comes.
                _maxSeries = Limit(e, "expectedMaxTimeSeries", _maxSeries);
                _maxHistograms = Limit(e, "expectedMaxHistograms", _maxHistograms);
                break;
            case "MultipleSessionsNotSupportedError":
                Refuse("Another tool has the metrics of this process for itself: rows that come from meters are missing until it ends.");
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
        + $"at most {Text(e, "expectedMaxTimeSeries")} series and {Text(e, "expectedMaxHistograms")} of histograms): "
        + $"of meters only what it asks for is shown until it ends, "
        + $"or until this one is started with the same --interval, --max-series and --max-histograms.");

    private static bool IsShared(TraceEvent e) => IsFor(e, SessionProviders.SharedSession);

    private static bool IsFor(TraceEvent e, string session) => string.Equals((string)e.PayloadValue(0), session, StringComparison.Ordinal);

    private static string? Text(TraceEvent e, string name) =>
        e.PayloadByName(name) is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    private static string FirstLine(string? text) => (text ?? "no reason given").Split('\n')[0].Trim();

    private static Instrument InstrumentOf(TraceEvent e) => new(Text(e, "meterName")!, Text(e, "instrumentName")!);

    private static MeterSeries SeriesOf(TraceEvent e) => new(InstrumentOf(e), Text(e, "tags") ?? string.Empty);

    private static int Limit(TraceEvent e, string name, int before) => Number(Text(e, name)) is { } limit ? (int)limit : before;

    // Empty until the process has a value.
    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    private void End(TraceEvent e)
    {
        // Who joins a session that another tool has begun is not told that a limit was reached before.
        if (_collecting.Histograms >= _maxHistograms) ReachHistogramLimit();
        if (_published >= _maxSeries) ReachSeriesLimit();
        // A collection that was under way when the session began may lack its beginning; the next one is whole.
        MeterCollection collected = _collecting.ToCollection(e.TimeStampRelativeMSec, _hasAllSeries, _hasAllHistograms);
        lock (_lock)
        {
            _latest = collected;
            _collections++;
        }

        _collecting = new();
    }

    private void ReachSeriesLimit()
    {
        _hasAllSeries = false;
        Warn("As many time series as the session allows, or more (--max-series): rows may be missing, and sums are.");
    }

    private void ReachHistogramLimit()
    {
        _hasAllHistograms = false;
        Warn("As many series of histograms as the session allows, or more (--max-histograms): rows may be missing, and sums are.");
    }

    private void Publish(TraceEvent e, string field, InstrumentKind kind)
    {
        _published++;
        MeterSeries series = SeriesOf(e);
        if (IsNamed(series.Instrument)) Named(e, series, kind, Number(Text(e, field)));
        if (Number(Text(e, field)) is { } value) _collecting.Add(series, value);
    }

    private void PublishHistogram(TraceEvent e)
    {
        _published++;
        MeterSeries series = SeriesOf(e);
        bool isNamed = IsNamed(series.Instrument);
        // The same histogram may be of a row and named.
        MeterSeries free = _collecting.FreeHistogram(series);
        HistogramReading reading = _totals.Add(free, Number(Text(e, "count")), Text(e, "quantiles") ?? string.Empty);
        _collecting.Add(free, reading);
        if (isNamed) _collecting.AddNamed(series, new NamedReading(InstrumentKind.Histogram, Text(e, "unit") ?? string.Empty, 0, reading));
    }

    private bool IsNamed(Instrument instrument)
    {
        lock (_lock) return _named.See(instrument);
    }

    private void Named(TraceEvent e, MeterSeries series, InstrumentKind kind, double? value)
    {
        if (value is not { } known) return;
        if (kind == InstrumentKind.Changes && _named.IsObservable(series.Instrument)) kind = InstrumentKind.Total;
        _collecting.AddNamed(series, new NamedReading(kind, Text(e, "unit") ?? string.Empty, known, default));
    }

    // Who is refused sees what another tool asks for, which says nothing of what there is.
    private void Refuse(string sentence)
    {
        lock (_lock) _isRefused = true;
        Warn(sentence);
    }

    private void Warn(string sentence)
    {
        lock (_lock) _warnings.Add(PrintableText.Of(sentence));
    }
}
