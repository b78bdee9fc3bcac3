using System.Globalization;
using System.Text;
using RawEcho.Client.Units;

namespace RawEcho.Client.Results;

/// <summary>The results of a run in words.</summary>
internal static class RunText
{
    /// <returns>Empty when not all clients connected: what went wrong is told elsewhere.</returns>
    public static string Of(RunResult result)
    {
        bool isMeasured = result.Seconds > 0;
        if (!isMeasured && result.Errors.Count > 0 && result.Connections.Opened < result.Settings.Clients) return string.Empty;
        var text = new StringBuilder();
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
        foreach (MergedResult part in result.Merged ?? [])
        {
            string work = string.Create(CultureInfo.InvariantCulture, $"{part.RoundTrips} round trips in {part.Seconds:0.00} s");
            Line($"Merged: {part.File} ({part.Machine}, {part.StartedAt:yyyy-MM-dd HH:mm:ss}Z, {work})");
        }

        foreach (string line in FleetText.Head(result)) text.AppendLine(line);
        Line($"Clients: {result.Settings.Clients}");
        string interrupted = result.Interrupted ? " (interrupted)" : result.Aborted ? " (ended by --abort-if)" : string.Empty;
        if (result.IsStream) Line($"Mode: {result.Settings.Mode}, {result.Seconds:0.00} s{interrupted}");
        else Line($"Round trips: {result.RoundTrips} in {result.Seconds:0.00} s{interrupted}");
        if (!isMeasured)
        {
            string why = result.Interrupted ? "the run was interrupted" : "the run ended";
            Line($"Nothing was measured: {why} before the measurement began.");
            return text.ToString();
        }

        if (result.IsStream)
        {
            if (result.Settings.Mode != "download") Line($"Sent, and verified by the server: {result.BytesSent} bytes");
            if (result.Settings.Mode != "upload") Line($"Received and verified: {result.BytesReceived} bytes");
            Line($"Bit rate: {BitRates(result)}");
            Line($"Mismatches: {result.Mismatches}");
            if (result.Connections.Lost > 0) Line($"Connections lost: {result.Connections.Lost}, replaced: {result.Connections.Replaced}");
            foreach (string line in result.Bottleneck is { } of ? BottleneckText.Lines(of) : []) text.AppendLine(line);
            foreach (string line in FleetText.Members(result)) text.AppendLine(line);
            return text.ToString();
        }

        if (result.RoundTripsAfterEnd > 0) Line($"After the end: {result.RoundTripsAfterEnd} of them (in the latencies, not in the rate)");
        Line($"Round trips per second: {Quantity.Rate(result.RoundTripsPerSecond)}");
        Line($"Per client per second: {Quantity.Rate(result.RoundTripsPerSecond / result.Settings.Clients)}");
        if (result.Rate is { } rate)
        {
            string stages = result.Settings.Stages is { } all ? $" in the mean of {Stages(all)}" : string.Empty;
            string poisson = result.Settings.Arrivals == "poisson" ? ", at random times (poisson)" : string.Empty;
            Line($"Rate asked for: {Quantity.Number(rate.Asked)} per second{stages}{poisson}");
            Line($"Sent late: {rate.Late} (more than {Quantity.Time(rate.LateAfterNs)} after their time)");
            Line($"Not sent: {rate.Unsent} (due, but there was no room for them before the end)");
            if (rate is { LateBecause: not null, UnsentBecause: not null } && rate.Late + rate.Unsent > 0)
                Line($"Late or not sent because of: {Causes(rate.Causes())}");
        }

        if (result.Http is { } http) Line($"Statuses: {Statuses(http)}");
        Line($"Bytes sent: {result.BytesSent}");
        Line($"Bytes received: {result.BytesReceived}");
        if (result.MbitSent is not null) Line($"Bit rate: {BitRates(result)}");
        Line($"Mismatches: {result.Mismatches}");
        if (result.Unanswered > 0) Line($"Unanswered: {result.Unanswered}");
        if (result.Connections.Lost > 0) Line($"Connections lost: {result.Connections.Lost}, replaced: {result.Connections.Replaced}");
        if (result.MessagesSentAgain > 0) Line($"Messages sent again: {result.MessagesSentAgain} (a server closed before it began them)");
        if (result.Churn is { } churn)
        {
            string resumed = churn.Resumed is { } sessions ? $", {sessions} of them with a resumed session" : string.Empty;
            Line($"Connections opened: {churn.Opened} ({Quantity.Rate(churn.Opened / result.Seconds)} per second){resumed}");
            if (churn is { Opened: > 0, Resumed: 0 } && result.Settings.FullHandshakes == false)
                text.AppendLine("No session was resumed: no tickets from the server, or its name is an address (--server-name).");
            if (churn.HandshakeLatency is { Count: > 0 } handshakes) Line($"Handshake latency: {handshakes.ToText()}");
        }

        if (result.CorrectedLatency is { Count: > 0 } corrected)
        {
            Line($"Corrected latency: {corrected.ToText()} (from when each message was to be sent)");
            if (result.ServiceLatency.Count > 0) Line($"Service latency: {result.ServiceLatency.ToText()} (from when it was sent)");
        }
        else if (result.ServiceLatency.Count > 0)
        {
            Line($"Latency: {result.ServiceLatency.ToText()}");
        }

        foreach (string line in result.Bottleneck is { } limit ? BottleneckText.Lines(limit) : []) text.AppendLine(line);
        foreach (string line in FleetText.Members(result)) text.AppendLine(line);
        return text.ToString();
    }

    private static string BitRates(RunResult result)
    {
        string sent = $"{Quantity.Rate(result.MbitSent)} Mbit/s sent", received = $"{Quantity.Rate(result.MbitReceived)} Mbit/s received";
        return result.Settings.Mode switch { "upload" => sent, "download" => received, _ => $"{sent}, {received}" };
    }

    private static string Causes(LateResult of)
    {
        string lost = of.NoConnection > 0 ? FormattableString.Invariant($", a lost connection {of.NoConnection}") : string.Empty;
        return FormattableString.Invariant(
            $"this client {of.Client}, no room in flight {of.NoRoom}, a send that blocked {of.BlockedSend}{lost}");
    }

    /// <summary>As --stages takes them: 1000:30s,5000:60s.</summary>
    public static string Stages(IEnumerable<StageResult> stages) =>
        string.Join(',', stages.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Rate:0.######}:{s.Seconds:0.###}s")));

    /// <summary>Such as 200 (1000), 503 (2); none where there was no response.</summary>
    public static string Statuses(HttpResult http) => http.Statuses.Count == 0
        ? "none"
        : string.Join(", ", http.Statuses.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Status} ({s.Count})")));
}
