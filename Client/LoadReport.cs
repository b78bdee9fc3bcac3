using System.Globalization;
using System.Text;
using RawEcho.Engine.Telemetry;

namespace RawEcho.Client;

/// <summary>The results of a run in words.</summary>
internal sealed class LoadReport(
    ClientSettings settings, IReadOnlyCollection<LoadClient> clients, LatencyHistogram latencies, IoTotals io, TimeSpan elapsed, bool interrupted)
{
    public string Text
    {
        get
        {
            long roundTrips = clients.Sum(c => c.RoundTrips);
            long mismatches = clients.Count(c => c.Mismatch is not null);
            double perSecond = elapsed > TimeSpan.Zero ? roundTrips / elapsed.TotalSeconds : 0;
            var text = new StringBuilder();
            void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
            Line($"Clients: {settings.Shape.Clients}");
            Line($"Round trips: {roundTrips} in {elapsed.TotalSeconds:0.00} s{(interrupted ? " (interrupted)" : string.Empty)}");
            Line($"Round trips per second: {perSecond:N0}");
            Line($"Per client per second: {perSecond / settings.Shape.Clients:N1}");
            Line($"Bytes sent: {io.BytesSent}");
            Line($"Bytes received: {io.BytesReceived}");
            Line($"Mismatches: {mismatches}");
            if (latencies.Count > 0)
                Line($"Latency: p50 {Show(latencies.Percentile(50))}, p90 {Show(latencies.Percentile(90))}, p99 {Show(latencies.Percentile(99))}, max {Show(latencies.Max)}");
            return text.ToString();
        }
    }

    private static string Show(TimeSpan time) => time.TotalMilliseconds switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds:0.0} us"),
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.00} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s"),
    };
}
