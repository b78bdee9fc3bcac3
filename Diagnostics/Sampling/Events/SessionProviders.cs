using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;
using RawEcho.Diagnostics.Sampling.Settings;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>What is asked of a runtime. No more than the rows need: whatever is asked costs the process that is watched.</summary>
internal static class SessionProviders
{
    public const string Metrics = "System.Diagnostics.Metrics";
    public const string Runtime = "Microsoft-Windows-DotNETRuntime";
    public const string RuntimeCounters = "System.Runtime";
    public const string SocketCounters = "System.Net.Sockets";
    public const string SecurityCounters = "System.Net.Security";
    public const string HostingCounters = "Microsoft.AspNetCore.Hosting";

    /// <summary>
    /// The session that dotnet-counters and dotnet-monitor ask for too: one collection serves all that agree on the settings.
    /// </summary>
    public const string SharedSession = "SHARED";

    private const long TimeSeriesValues = 0x2;
    private const long GcKeyword = 0x1;

    /// <summary>GC events and EventCounters: they are safe in every process that has come through its start.</summary>
    /// <param name="settings">How to sample, what of it is wanted, and the counters that the user names.</param>
    /// <returns>Empty when none of it is wanted.</returns>
    public static IReadOnlyList<EventPipeProvider> Always(SamplingSettings settings)
    {
        // Never less than a second: the runtime would begin to poll while it still enables the other providers, and the two
        // deadlock over the locks of its event sources (dotnet/runtime#105682), which freezes the process that is watched.
        double seconds = Math.Max(1, Math.Ceiling(settings.Interval.TotalSeconds));
        var every = new Dictionary<string, string> { ["EventCounterIntervalSec"] = seconds.ToString(CultureInfo.InvariantCulture) };
        string[] sources = [SocketCounters, SecurityCounters, RuntimeCounters, HostingCounters, .. settings.Counters.Select(c => c.Name)];
        List<EventPipeProvider> wanted = [];
        if (settings.Events.HasFlag(EventSet.Gc)) wanted.Add(new EventPipeProvider(Runtime, EventLevel.Informational, GcKeyword));
        if (!settings.Events.HasFlag(EventSet.Counters)) return wanted;
        // The level keeps their other events out, one per connection; counters come at every level.
        wanted.AddRange(
            sources.Distinct(StringComparer.OrdinalIgnoreCase).Select(s => new EventPipeProvider(s, EventLevel.Critical, 0, every)));
        return wanted;
    }

    /// <summary>
    /// The meters that rows are made of, and those that the user names; only where <see cref="MeterSafety"/> says so.
    /// </summary>
    /// <param name="settings">How to sample, with the bounds of the session.</param>
    /// <param name="isWeb">Whether the program may be one of ASP.NET Core.</param>
    /// <param name="clientId">Tells this listener from others in the shared session.</param>
    public static EventPipeProvider Meters(SamplingSettings settings, bool isWeb, string clientId)
    {
        IEnumerable<string> named = settings.Meters.SelectMany(
            m => m.Parts.Count == 0 ? [m.Name] : m.Parts.Select(p => $"{m.Name}\\{p}"));
        IEnumerable<Instrument> own = isWeb ? InstrumentNames.All.Concat(InstrumentNames.Web) : InstrumentNames.All;
        var metrics = new Dictionary<string, string>
        {
            ["SessionId"] = SharedSession,
            ["ClientId"] = clientId,
            ["Metrics"] = string.Join(',', own.Select(i => $"{i.Meter}\\{i.Name}").Concat(named)),
            ["RefreshInterval"] = settings.Interval.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            ["MaxTimeSeries"] = settings.MaxTimeSeries.ToString(CultureInfo.InvariantCulture),
            ["MaxHistograms"] = settings.MaxHistograms.ToString(CultureInfo.InvariantCulture),
        };
        return new EventPipeProvider(Metrics, EventLevel.Informational, TimeSeriesValues, metrics);
    }
}
