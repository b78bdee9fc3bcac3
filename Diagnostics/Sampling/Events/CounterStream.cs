using System.Diagnostics;
using Microsoft.Diagnostics.Tracing;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>
/// Follows EventCounters: sockets and TLS, which publish no meters, and the runtime's own for .NET before 9.
/// See https://learn.microsoft.com/dotnet/core/diagnostics/available-counters.
/// </summary>
internal sealed class CounterStream
{
    private static readonly string[] Providers = [SessionProviders.RuntimeCounters, SessionProviders.SocketCounters, SessionProviders.SecurityCounters];

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Provider, string Name), Reading> _readings = [];

    public void Follow(TraceEventDispatcher source)
    {
        foreach (string provider in Providers) source.Dynamic.AddCallbackForProviderEvent(provider, "EventCounters", Read);
    }

    /// <summary>The last value; null when there is none, or it is older than <paramref name="maxAge"/>.</summary>
    public double? Value(string provider, string name, TimeSpan maxAge) => Latest(provider, name, maxAge)?.Value;

    /// <summary>The growth per second of a counter: what it says itself, or the difference of its last two totals.</summary>
    public double? PerSecond(string provider, string name, TimeSpan maxAge) => Latest(provider, name, maxAge)?.PerSecond;

    private Reading? Latest(string provider, string name, TimeSpan maxAge)
    {
        lock (_lock)
        {
            return _readings.TryGetValue((provider, name), out Reading? reading) && Stopwatch.GetElapsedTime(reading.ArrivedAt) <= maxAge ? reading : null;
        }
    }

    private void Read(TraceEvent e)
    {
        if (e.PayloadValue(0) is not IDictionary<string, object> outer || outer["Payload"] is not IDictionary<string, object> payload) return;
        string name = (string)payload["Name"];
        (string, string) key = (e.ProviderName, name);
        bool isIncrement = payload.ContainsKey("Increment");
        double value = Convert.ToDouble(payload[isIncrement ? "Increment" : "Mean"], System.Globalization.CultureInfo.InvariantCulture);
        double seconds = Convert.ToDouble(payload["IntervalSec"], System.Globalization.CultureInfo.InvariantCulture);
        lock (_lock)
        {
            Reading? before = _readings.GetValueOrDefault(key);
            double? perSecond = isIncrement ? (seconds > 0 ? value / seconds : null) : Difference(before, value, e.TimeStampRelativeMSec);
            _readings[key] = new Reading(value, perSecond, e.TimeStampRelativeMSec, Stopwatch.GetTimestamp());
        }
    }

    private static double? Difference(Reading? before, double value, double milliseconds) =>
        before is not null && milliseconds > before.Milliseconds && value >= before.Value
            ? (value - before.Value) / (milliseconds - before.Milliseconds) * 1000
            : null;

    private sealed record Reading(double Value, double? PerSecond, double Milliseconds, long ArrivedAt);
}
