using System.Net.Sockets;
using RawEcho.Client.Targets;
using RawEcho.CommandLine;
using RawEcho.Engine.Transport;

namespace RawEcho.Client.Probe;

/// <summary>Why there is no connection.</summary>
internal static class NetworkFindings
{
    public static IEnumerable<Finding> Of(ProbeFacts facts)
    {
        if (facts.Dialer.LookupFailure is { } lookup)
        {
            yield return Diagnosis.Error(
                ExitCode.Network, "name-unknown", lookup,
                "Check how the name is spelled and this machine's DNS, or dial an IP address and give the name with --server-name.");
        }

        // Several addresses mostly fail for one reason: it is told once, with the first address that has it.
        foreach (AddressAttempt attempt in facts.Dialer.Attempts.DistinctBy(a => a.Failure?.Error))
        {
            (string code, string? advice) = attempt.Failure!.Error switch
            {
                SocketError.ConnectionRefused =>
                    ("connection-refused", "Is the server running, and is this its port? A firewall that rejects looks the same."),
                SocketError.TimedOut => (
                    "connect-timeout",
                    "The machine is off, the address is wrong, or a firewall drops packets on the way. --connect-timeout gives it longer."),
                SocketError.HostUnreachable or SocketError.NetworkUnreachable =>
                    ("unreachable", "There is no route to this address: check the network, a VPN, or whether this machine has IPv6."),
                SocketError.TooManyOpenSockets => ("too-many-descriptors", (string?)null),
                SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse =>
                    ("no-local-port", $"That is, {LocalPorts.WhyNone()}. Wait, or widen the range of ports."),
                _ => ("connect-failed", null),
            };
            yield return Diagnosis.Error(ExitCode.Network, code, attempt.Failure.Message, advice);
        }
    }
}
