using System.Globalization;
using System.Net;
using System.Text;
using RawEcho.Client.Results;
using RawEcho.Client.Units;

namespace RawEcho.Client.Handshake;

/// <summary>The results of handshakes in words.</summary>
internal static class HandshakeText
{
    /// <param name="result">What to tell.</param>
    /// <param name="serverName">The name that the server's certificate had to have.</param>
    /// <returns>Empty when not one handshake was done: what went wrong is told elsewhere.</returns>
    public static string Of(HandshakeResult result, string serverName)
    {
        if (result is { Interrupted: false } && result.Handshakes() == 0) return string.Empty;
        var text = new StringBuilder();
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
        Line($"Clients: {result.Clients}{(result.Interrupted ? " (interrupted)" : string.Empty)}");
        if (result.Negotiated is { } tls) Line($"Negotiated: {tls.Protocol}, {tls.CipherSuite}");
        if (result.Full is { } full) Phase("Full", full);
        if (result.Resumed is { } resumed)
        {
            Phase("Resumed", resumed);
            if (resumed.Handshakes > 0)
            {
                double percent = 100.0 * resumed.ReallyResumed / resumed.Handshakes;
                Line($"Really resumed: {resumed.ReallyResumed} of {resumed.Handshakes} ({percent:0.#} %)");
            }

            if (resumed is { Handshakes: > 0, ReallyResumed: 0 })
            {
                string why = IPAddress.TryParse(serverName, out _)
                    ? $".NET keeps sessions by the server's name, and {serverName} is an address. Name it with --server-name."
                    : "the server gives out no tickets, or does not take them back.";
                Line($"No session was resumed: {why}");
            }
        }

        return text.ToString();

        void Kept(string name, RateResult rate)
        {
            Line($"{name} begun late: {rate.Late} (more than {Quantity.Time(rate.LateAfterNs)} after their time)");
            Line($"{name} not begun: {rate.Unsent} (due, but there was no room for them before the end)");
            LateResult causes = rate.Causes();
            if (rate.Late + rate.Unsent == 0) return;
            Line($"{name} late or not begun because of: this client {causes.Client}, all of --clients under way {causes.NoRoom}");
        }

        void Phase(string name, HandshakePhaseResult phase)
        {
            if (phase.HandshakesPerSecond is not { } rate)
            {
                Line($"{name} handshakes: none was measured");
                return;
            }

            string perSecond = rate < 10 ? Quantity.Rate(rate) : rate.ToString("N1", CultureInfo.InvariantCulture);
            string asked = phase.Rate is { } pace ? $" ({Quantity.Number(pace.Asked)} asked for)" : string.Empty;
            Line($"{name} handshakes: {phase.Handshakes} in {phase.Seconds:0.00} s, {perSecond} per second{asked}");
            if (phase.Rate is { } kept) Kept(name, kept);
            if (phase.CorrectedLatency is { Count: > 0 } corrected)
                Line($"{name} corrected latency: {corrected.ToText()} (from when each handshake was to begin)");
            if (phase.HandshakeLatency.Count == 0) return;
            Line($"{name} handshake latency: {phase.HandshakeLatency.ToText()}");
            Line($"{name} connect to {(phase.Http is null ? "first echo" : "response")}: {phase.TotalLatency.ToText()}");
            if (phase.Http is { } http) Line($"{name} statuses: {RunText.Statuses(http)}");
        }
    }
}
