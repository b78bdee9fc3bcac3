using System.Globalization;
using RawEcho.Charts;
using RawEcho.Client.Units;

namespace RawEcho.Client.Results;

/// <summary>Steps of a run as lines of a table, as iperf shows them.</summary>
/// <param name="hasMessages">There are round trips and latencies.</param>
internal sealed class IntervalText(bool hasMessages)
{
    private const string Stream = "{0,-17} {1,10} {2,15} {3,10} {4,15}";
    private const string Messages = "{0,-17} {1,9} {2,13} {3,9} {4,13} {5,9}/s {6,9}";

    /// <summary>What the columns are.</summary>
    public string Head() => hasMessages
        ? Format("Interval", "Sent", "Mbit/s", "Received", "Mbit/s", "Trips", "p99")
        : Format("Interval", "Sent", "Mbit/s", "Received", "Mbit/s", string.Empty, string.Empty);

    /// <summary>A step.</summary>
    public string Line(SecondResult step)
    {
        string interval = string.Create(CultureInfo.InvariantCulture, $"{step.At - step.Seconds:0.00}-{step.At:0.00} s");
        StepLatency? latency = step.CorrectedLatency ?? step.ServiceLatency;
        return Format(
            interval, Bytes(step.BytesSent), Quantity.Rate(step.MbitSent), Bytes(step.BytesReceived), Quantity.Rate(step.MbitReceived),
            Quantity.Rate(step.RoundTripsPerSecond), latency is null ? "-" : Quantity.Time(latency.P99Ns));
    }

    private static string Bytes(long? bytes) => bytes is { } known ? Unit.Bytes.Format(known) : "-";

    private string Format(params string[] cells) =>
        string.Format(CultureInfo.InvariantCulture, hasMessages ? Messages : Stream, [.. cells]).TrimEnd();
}
