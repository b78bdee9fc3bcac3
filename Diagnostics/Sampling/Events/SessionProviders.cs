using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>What is asked of a runtime. No more than the rows need: whatever is asked costs the process that is watched.</summary>
internal static class SessionProviders
{
    public const string Metrics = "System.Diagnostics.Metrics";
    public const string Runtime = "Microsoft-Windows-DotNETRuntime";
    public const string RuntimeCounters = "System.Runtime";
    public const string SocketCounters = "System.Net.Sockets";
    public const string SecurityCounters = "System.Net.Security";

    /// <summary>
    /// The session that dotnet-counters and dotnet-monitor ask for too: one collection serves all that agree on the settings.
    /// </summary>
    public const string SharedSession = "SHARED";

    /// <summary>What dotnet-counters asks for, so that the two can watch one process.</summary>
    public const int DefaultMaxTimeSeries = 1000;

    private const int MaxHistograms = 10;
    private const long TimeSeriesValues = 0x2;
    private const long GcKeyword = 0x1;

    /// <summary>GC events and EventCounters: they are safe in every process that has come through its start.</summary>
    /// <param name="interval">Between samples.</param>
    public static IReadOnlyList<EventPipeProvider> Always(TimeSpan interval)
    {
        // Never less than a second: the runtime would begin to poll while it still enables the other providers, and the two
        // deadlock over the locks of its event sources (dotnet/runtime#105682), which freezes the process that is watched.
        double seconds = Math.Max(1, Math.Ceiling(interval.TotalSeconds));
        var every = new Dictionary<string, string> { ["EventCounterIntervalSec"] = seconds.ToString(CultureInfo.InvariantCulture) };
        return
        [
            new EventPipeProvider(Runtime, EventLevel.Informational, GcKeyword),
            // The level keeps their other events out, one per connection; counters come at every level.
            new EventPipeProvider(SocketCounters, EventLevel.Critical, 0, every),
            new EventPipeProvider(SecurityCounters, EventLevel.Critical, 0, every),
            new EventPipeProvider(RuntimeCounters, EventLevel.Critical, 0, every),
        ];
    }

    /// <summary>The meters that rows are made of; only where <see cref="MeterSafety"/> says so.</summary>
    /// <param name="interval">Between values.</param>
    /// <param name="maxTimeSeries">Most series of all meters.</param>
    /// <param name="clientId">Tells this listener from others in the shared session.</param>
    public static EventPipeProvider Meters(TimeSpan interval, int maxTimeSeries, string clientId)
    {
        var metrics = new Dictionary<string, string>
        {
            ["SessionId"] = SharedSession,
            ["ClientId"] = clientId,
            ["Metrics"] = string.Join(',', InstrumentNames.All.Select(i => $"{i.Meter}\\{i.Name}")),
            ["RefreshInterval"] = interval.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            ["MaxTimeSeries"] = maxTimeSeries.ToString(CultureInfo.InvariantCulture),
            ["MaxHistograms"] = MaxHistograms.ToString(CultureInfo.InvariantCulture),
        };
        return new EventPipeProvider(Metrics, EventLevel.Informational, TimeSeriesValues, metrics);
    }
}
