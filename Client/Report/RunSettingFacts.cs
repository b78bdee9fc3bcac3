using System.Globalization;
using RawEcho.Charts;
using RawEcho.Client.Results;
using RawEcho.Client.Units;

namespace RawEcho.Client.Report;

/// <summary>What a run was asked for, and where it was made, in words.</summary>
internal static class RunSettingFacts
{
    private const string Mixed = "not the same in all runs";

    public static IEnumerable<Fact> Of(RunResult result)
    {
        SettingsResult s = result.Settings;
        foreach (ServerResult server in s.Servers) yield return new("server", $"{server.Name} ({string.Join(", ", server.Addresses)})");
        foreach (UnreachableResult address in s.Servers.SelectMany(server => server.Unreachable))
            yield return new("unreachable address", $"{address.Why} Connections went to {address.Instead}.");
        yield return new("TLS", result.Tls is { } tls ? $"{s.Tls}, {tls.Protocol}, {tls.CipherSuite}" : s.Tls);
        if (s.Http is { } http)
        {
            string keepAlive = http.KeepAlive ? "" : ", a connection for each request";
            string bodies = http.Bodies == "echo" ? "each body must be what was sent" : "each body must be as long as its response says";
            yield return new("requests", $"HTTP/{http.Version}, {http.Method}{keepAlive}; {bodies}");
        }

        if (s.Mode is { } mode) yield return new("mode", mode);
        yield return new("loop", s.Rate is { } rate ? $"{s.Loop}, {Quantity.Number(rate)} messages a second" : s.Loop);
        if (s.Stages is { } stages) yield return new("stages", RunText.Stages(stages));
        if (s.Arrivals is not null and not "uniform") yield return new("arrivals", s.Arrivals);
        if (s.MessagesPerConnection is { } most) yield return new("messages per connection", Unit.Count.Format(most));
        if (s.FullHandshakes == true) yield return new("handshakes", "full, no session is resumed");
        yield return new("clients", Unit.Count.Format(s.Clients));
        if (!result.IsStream)
        {
            yield return new("messages in flight on a connection", s.Depth is { } depth ? Unit.Count.Format(depth) : Mixed);
            yield return new("message size", $"{s.Size} bytes");
        }

        if (s.DurationSeconds is { } duration) yield return new("duration", $"{Quantity.Number(duration)} s");
        if (s.Messages is { } messages) yield return new("messages", Unit.Count.Format(messages));
        if (s.RampSeconds is not 0) yield return new("ramp", Seconds(s.RampSeconds));
        if (s.WarmupSeconds is not 0) yield return new("warm-up", Seconds(s.WarmupSeconds));
        yield return new("lost connections are replaced", s.Reconnect switch { true => "yes", false => "no", null => Mixed });
        if (s.SendProxy is { } header) yield return new("PROXY protocol", header);
        yield return new("seed", s.Seed is { } seed ? seed.ToString(CultureInfo.InvariantCulture) : Mixed);
        MachineResult m = result.Machine;
        yield return new("machine", $"{m.Name}: {m.OperatingSystem}, {m.Processors} processors, {m.Runtime}");
        foreach (MergedResult part in result.Merged ?? [])
        {
            string what = string.Create(CultureInfo.InvariantCulture, $"{part.RoundTrips:N0} round trips in {part.Seconds:0.00} s");
            yield return new("merged", $"{part.File} ({part.Machine}, {what})");
        }
    }

    private static string Seconds(double? seconds) => seconds is { } known ? $"{Quantity.Number(known)} s" : Mixed;
}
