using System.Diagnostics;
using Microsoft.Diagnostics.Tracing;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>
/// Follows EventCounters: sockets and TLS, which publish no meters, and the runtime's own for .NET before 9.
/// See https://learn.microsoft.com/dotnet/core/diagnostics/available-counters.
/// </summary>
internal sealed class CounterStream
{
    private static readonly string[] Providers =
        [SessionProviders.RuntimeCounters, SessionProviders.SocketCounters, SessionProviders.SecurityCounters];

    private static readonly string[] OneRound =
        ["alloc-rate", "gen-2-gc-count", "threadpool-thread-count", "threadpool-queue-length", "monitor-lock-contention-count"];

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Provider, string Name), Reading> _readings = [];
    private readonly Dictionary<(string Provider, string Name), (Reading? Reading, double? Rate)> _told = [];

    /// <summary>Whether the counters of the runtime have come at least once, all of them. They carry a whole interval then.</summary>
    public bool HasValues
    {
        get
        {
            // They are sent one after the other, and the rest of a round can arrive a second after its beginning.
            lock (_lock) return Array.TrueForAll(OneRound, name => _readings.ContainsKey((SessionProviders.RuntimeCounters, name)));
        }
    }

    public void Follow(TraceEventDispatcher source)
    {
        foreach (string provider in Providers) source.Dynamic.AddCallbackForProviderEvent(provider, "EventCounters", Read);
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
        lock (_lock)
        {
            if (isIncrement && _readings.TryGetValue(key, out Reading? before))
                (value, seconds) = (before.Value + value, before.Seconds + seconds);
            _readings[key] = new Reading(value, seconds, isIncrement, e.TimeStampRelativeMSec, Stopwatch.GetTimestamp());
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
    private sealed record Reading(double Value, double Seconds, bool IsIncrement, double Milliseconds, long ArrivedAt);
}
