using System.Globalization;
using RawEcho.CommandLine;
using RawEcho.Engine.Telemetry;

namespace RawEcho.Server;

/// <summary>What the server says when it has stopped: the statistics of the original, and what it lacked.</summary>
internal static class StatisticsText
{
    public static IEnumerable<string> Lines(EngineStatistics s, TimeSpan ran)
    {
        yield return Text($"Read operations: {s.Io.ReadOperations}");
        yield return Text($"Write operations: {s.Io.WriteOperations}");
        yield return Text($"Bytes received: {s.Io.BytesReceived}");
        yield return Text($"Bytes sent: {s.Io.BytesSent}");
        yield return Text($"Connections: {s.ConnectionsAccepted} accepted, {s.ConnectionsRefused} refused at the limit");
        yield return Text($"Handshakes: {s.HandshakesDone} done, {s.HandshakesFailed} failed");
        yield return $"Endings: {(s.Endings.Count == 0 ? "none" : string.Join(", ", s.Endings.Select(e => Text($"{e.Key} {e.Value}"))))}";
        yield return Text($"Ran for {ran.TotalSeconds:0.0} s");
        if (s.Io.WriteOperations > 0 && s.ActiveTime > TimeSpan.Zero)
        {
            double active = s.ActiveTime.TotalSeconds;
            double perSecond = s.Io.WriteOperations / active;
            string rate = perSecond.ToString(perSecond < 100 ? "0.##" : "N0", CultureInfo.InvariantCulture);
            yield return Text($"Round trips per second: {rate} (over {active:0.0} s from first connection to last echo)");
        }
    }

    /// <summary>The same for programs.</summary>
    /// <param name="s">The statistics.</param>
    /// <param name="ran">How long the server ran.</param>
    /// <param name="requests">HTTP requests; null where HTTP is not served.</param>
    public static LogFacts Facts(EngineStatistics s, TimeSpan ran, long? requests) => new(
        "stopped",
        ("readOperations", s.Io.ReadOperations),
        ("writeOperations", s.Io.WriteOperations),
        ("bytesReceived", s.Io.BytesReceived),
        ("bytesSent", s.Io.BytesSent),
        ("connectionsAccepted", s.ConnectionsAccepted),
        ("connectionsRefused", s.ConnectionsRefused),
        ("handshakesDone", s.HandshakesDone),
        ("handshakesFailed", s.HandshakesFailed),
        ("endings", s.Endings.Select(e => (e.Key.ToString(), (long)e.Value))),
        ("seconds", Math.Round(ran.TotalSeconds, 3)),
        ("activeSeconds", Math.Round(s.ActiveTime.TotalSeconds, 3)),
        ("httpRequests", requests));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
