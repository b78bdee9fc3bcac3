using System.Diagnostics;
using Microsoft.Diagnostics.Tracing;
using RawEcho.Diagnostics.Sampling.Settings;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>
/// Follows EventCounters: sockets and TLS, which publish no meters, and the runtime's own for .NET before 9.
/// See https://learn.microsoft.com/dotnet/core/diagnostics/available-counters.
/// </summary>
/// <param name="named">Sources of counters that the user names.</param>
/// <param name="maxNamed">The maximum number of counters of these.</param>
internal sealed class CounterStream(IReadOnlyList<RequestedSource> named, int maxNamed)
{
    private const int RoundsUntilKnown = 2;

    private static readonly string[] Providers =
    [
        SessionProviders.RuntimeCounters, SessionProviders.SocketCounters, SessionProviders.SecurityCounters,
        SessionProviders.HostingCounters,
    ];

    private static readonly string[] OneRound =
        ["alloc-rate", "gen-2-gc-count", "threadpool-thread-count", "threadpool-queue-length", "monitor-lock-contention-count"];

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Provider, string Name), Reading> _readings = [];
    private readonly Dictionary<(string Provider, string Name), (Reading? Reading, double? Rate)> _told = [];
    private readonly HashSet<(string Provider, string Name)> _seen = [];
    private int _rounds;
    private bool _isFull;

    /// <summary>Whether the counters of the runtime have come at least once, all of them. They carry a whole interval then.</summary>
    public bool HasValues
    {
        get
        {
            // They are sent one after the other, and the rest of a round can arrive a second after its beginning.
            lock (_lock) return Array.TrueForAll(OneRound, name => _readings.ContainsKey((SessionProviders.RuntimeCounters, name)));
        }
    }

    /// <summary>Whether it is known by now which counters there are of those that the user names.</summary>
    public bool KnowsNamed
    {
        get
        {
            lock (_lock) return named.Count == 0 || _rounds >= RoundsUntilKnown || (_readings.Keys.Any(_seen.Contains) && !Unseen().Any());
        }
    }

    /// <summary>What is wrong with the counters that the user names, each sentence once.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_lock)
            {
                string[] full = _isFull ? [$"More counters than --max-series allows ({maxNamed}): some are missing."] : [];
                return [.. full, .. _rounds >= RoundsUntilKnown ? Unseen() : []];
            }
        }
    }

    /// <summary>The counters that the user names, with values not older than <paramref name="maxAge"/>.</summary>
    public IReadOnlyList<NamedCounter> Named(TimeSpan maxAge)
    {
        KeyValuePair<(string Provider, string Name), Reading>[] all;
        lock (_lock) all = [.. _readings.Where(r => IsNamed(r.Key.Provider, r.Key.Name))];
        List<NamedCounter> counters = [];
        foreach (((string provider, string name), Reading reading) in all)
        {
            double? value = reading.IsIncrement ? PerSecond(provider, name, maxAge) : Value(provider, name, maxAge);
            if (value is { } known) counters.Add(new NamedCounter(provider, name, known, reading.IsIncrement, reading.Unit));
        }

        return counters;
    }

    public void Follow(TraceEventDispatcher source)
    {
        IEnumerable<string> all = Providers.Concat(named.Select(n => n.Name)).Distinct(StringComparer.OrdinalIgnoreCase);
        foreach (string provider in all) source.Dynamic.AddCallbackForProviderEvent(provider, "EventCounters", Read);
    }

    /// <summary>The last value; null when there is none, or it is older than <paramref name="maxAge"/>.</summary>
    public double? Value(string provider, string name, TimeSpan maxAge) => Latest(provider, name, maxAge)?.Value;

    /// <summary>
    /// The growth per second of a counter: of the increments that it sent, or of its total, since the last call that found a new value, so
    /// that nothing is left out however often it is asked for.
    /// </summary>
    public double? PerSecond(string provider, string name, TimeSpan maxAge)
    {
        if (Latest(provider, name, maxAge) is not { } now) return null;
        (Reading? before, double? rate) = _told.GetValueOrDefault((provider, name));
        if (now == before) return rate;
        if (now.IsIncrement) rate = Increments(before, now);
        else if (before is not null) rate = Difference(before, now);
        _told[(provider, name)] = (now, rate);
        return rate;
    }

    private Reading? Latest(string provider, string name, TimeSpan maxAge)
    {
        lock (_lock)
        {
            return _readings.TryGetValue((provider, name), out Reading? reading) && Stopwatch.GetElapsedTime(reading.ArrivedAt) <= maxAge
                ? reading
                : null;
        }
    }

    private void Read(TraceEvent e)
    {
        if (e.PayloadValue(0) is not IDictionary<string, object> outer || outer["Payload"] is not IDictionary<string, object> payload)
            return;
        string name = (string)payload["Name"];
        (string, string) key = (e.ProviderName, name);
        bool isIncrement = payload.ContainsKey("Increment");
        double value = Convert.ToDouble(payload[isIncrement ? "Increment" : "Mean"], System.Globalization.CultureInfo.InvariantCulture);
        double seconds = Convert.ToDouble(payload["IntervalSec"], System.Globalization.CultureInfo.InvariantCulture);
        string unit = payload.TryGetValue("DisplayUnits", out object? units) && units is string text ? text : string.Empty;
        lock (_lock)
        {
            if (name == OneRound[0]) _rounds++;
            if (!MayKeep(key)) return;
            // An EventCounter to which nothing was written in the interval gives zero; its mean is not known.
            if (payload.TryGetValue("Count", out object? count) && count is 0)
            {
                _readings.Remove(key);
                return;
            }

            if (isIncrement && _readings.TryGetValue(key, out Reading? before))
                (value, seconds) = (before.Value + value, before.Seconds + seconds);
            _readings[key] = new Reading(value, seconds, isIncrement, e.TimeStampRelativeMSec, Stopwatch.GetTimestamp(), unit);
        }
    }

    private bool IsNamed(string provider, string name) => named.Any(n => n.Covers(provider, name));

    // A program may invent as many as it likes.
    private bool MayKeep((string Provider, string Name) key)
    {
        bool isOwn = Providers.Contains(key.Provider);
        if (!IsNamed(key.Provider, key.Name)) return isOwn;
        if (_seen.Contains(key)) return true;
        _isFull |= _seen.Count >= maxNamed;
        return (_seen.Count < maxNamed && _seen.Add(key)) || isOwn;
    }

    private IEnumerable<string> Unseen()
    {
        foreach (RequestedSource source in named)
        {
            bool IsSeen(string part) => _seen.Any(
                r => source.IsNamed(r.Provider) && string.Equals(r.Name, part, StringComparison.OrdinalIgnoreCase));
            string[] missing = [.. source.Parts.Where(p => !IsSeen(p))];
            bool isAny = _seen.Any(r => source.IsNamed(r.Provider));
            if (source.Parts.Count == 0 && !isAny)
                yield return $"No counter of {source} was seen. It is shown if the program creates it.";
            else if (missing.Length > 0)
                yield return $"No such counter was seen: {source with { Parts = missing }}. It is shown if the program creates it.";
        }
    }

    private static double? Increments(Reading? before, Reading now)
    {
        double seconds = now.Seconds - (before?.Seconds ?? 0);
        return seconds > 0 ? (now.Value - (before?.Value ?? 0)) / seconds : null;
    }

    private static double? Difference(Reading before, Reading now) =>
        now.Milliseconds > before.Milliseconds && now.Value >= before.Value
            ? (now.Value - before.Value) / (now.Milliseconds - before.Milliseconds) * 1000
            : null;

    // Of increments, the sum since the beginning, and the seconds that it covers.
    private sealed record Reading(double Value, double Seconds, bool IsIncrement, double Milliseconds, long ArrivedAt, string Unit);
}

/// <summary>A counter that the user names.</summary>
/// <param name="Source">Its event source.</param>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its growth per second, or the mean of the last interval.</param>
/// <param name="IsIncrement">Whether it is the growth.</param>
/// <param name="Unit">As the program gives it; empty for none.</param>
internal sealed record NamedCounter(string Source, string Name, double Value, bool IsIncrement, string Unit);
